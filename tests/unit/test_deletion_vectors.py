"""Deletion vectors: what is written is read back, by this program and, in the shared tables' tests, by Delta's own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.targets.sharing.deletion_vector import read, write


@settings(deadline=None, max_examples=60)
@given(st.sets(st.integers(0, 300_000), max_size=400), st.sampled_from([0, 5000, 66_000]))
def test_rows_are_read_back(rows: set[int], dense: int) -> None:
    wanted = sorted(rows | set(range(dense)))
    with tempfile.TemporaryDirectory() as folder:
        vector = write(Path(folder), wanted)
        assert read(Path(folder), vector.descriptor) == wanted
        assert vector.descriptor["cardinality"] == len(wanted)


def test_a_small_one_stands_in_the_log_and_a_large_one_in_a_file(tmp_path: Path) -> None:
    small, large = write(tmp_path, range(10)), write(tmp_path, range(0, 10_000, 7))
    assert (small.descriptor["storageType"], small.file) == ("i", "")
    assert (large.descriptor["storageType"], large.descriptor["offset"]) == ("u", 1)
    assert [one.name for one in tmp_path.iterdir()] == [large.file]
    assert (tmp_path / large.file).stat().st_size == large.size


def test_one_flipped_bit_in_a_file_is_noticed(tmp_path: Path) -> None:
    vector = write(tmp_path, range(0, 10_000, 7))
    file = tmp_path / vector.file
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="harmed"):
        read(tmp_path, vector.descriptor)
