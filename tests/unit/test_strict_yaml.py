"""YAML is read strictly: what can't be certain is refused, at its line, and all faults of a file at once."""

import datetime
from pathlib import Path

import pytest

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError
from resource_catalog.yaml_document import YamlFaults
from resource_catalog.yaml_file import load_yaml, validate

WHOLE = """\
id: tides
code: "307002/000010"
title: 潮汐表
owner: 观测处
openness: 公开
sharing: 无条件共享
update_cycle: 每日
"""


def file_with(folder: Path, content: str | bytes) -> Path:
    file = folder / "file.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def faults_of(folder: Path, content: str | bytes, model: type[Entry] | type[Agency] | None = None):
    with pytest.raises(YamlFaults) as caught:
        document = load_yaml(file_with(folder, content))
        if model is not None:
            validate(model, document)
    assert isinstance(caught.value, WorkspaceError)
    return caught.value.faults


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("", [1]),
        ("# nothing but a comment\n", [1]),
        ("a: 1\nb: 2\na: 3\n", [3]),
        ("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", [4, 5]),
        ("a: &x 1\nb: *x\n", [2]),
        ("a: &x [*x]\n", [1]),
        ("a:\n  <<: {b: 1}\n", [2]),
        ("a: 1\nb:\n\tc: 1\n", [3]),
        (b"a: 1\nb: \xc9\xcf\xba\xa3\n", [2]),
        ("a: 1\nb: 2\n".encode("utf-16"), [1]),
        ("a: 1\n---\nb: 2\n", [2]),
        ("a: 1\nb: !!python/object:os.system x\n", [2]),
        ("a: !!set {x}\n", [1]),
        ("a: [1\nb: 2\n", [2]),
        ("a: 1\nb: \x01\n", [2]),
        ("a: 1\nb: 2017-02-30\nc: 0b_\n", [2, 3]),
        ("a: 1\n2017: 2\n", [2]),
        ("? [a]\n: 1\n", [1]),
        ("[" * 100_000, [1]),
    ],
)
def test_a_file_is_refused_at_the_line(tmp_path: Path, content: str | bytes, lines: list[int]) -> None:
    assert [fault.line for fault in faults_of(tmp_path, content)] == lines


def test_aliases_never_expand(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, x]\n" for n in range(20))
    assert [fault.line for fault in faults_of(tmp_path, bomb)] == [2]


def test_the_second_of_two_equal_keys_names_the_first(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "a: 1\nb: {c: 1,\n  c: 2}\n")
    assert (fault.line, fault.key) == (3, "b.c")
    assert "line 2" in fault.what


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(YamlFaults) as caught:
            load_yaml(path)
        assert caught.value.faults[0].line is None


def test_tabs_are_named(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "a:\n\tb: 1\n")
    assert "tabs" in fault.fix


def test_values_are_read_as_yaml_1_1_has_them(tmp_path: Path) -> None:
    content = "\ufeffdate: 2017-05-18\ntext: '007'\nlist: [a, 1]\nyes_: yes\nnone:\nforced: !!str 007\n"
    assert load_yaml(file_with(tmp_path, content)).value == {
        "date": datetime.date(2017, 5, 18),
        "text": "007",
        "list": ("a", 1),
        "yes_": True,
        "none": None,
        "forced": "007",
    }


def test_lines_are_found_by_key_path(tmp_path: Path) -> None:
    document = load_yaml(file_with(tmp_path, "# comment\na: 1\nb:\n  - x\n  - y: 2\n    z: 3\n"))
    paths = [("a",), ("b",), ("b", 0), ("b", 1, "z"), ("b", 1, "none"), ("c",)]
    assert [document.line(*path) for path in paths] == [2, 3, 4, 6, 5, 2]


def test_a_whole_entry_is_accepted(tmp_path: Path) -> None:
    entry = validate(Entry, load_yaml(file_with(tmp_path, WHOLE + "opened: 2017-05-18\nissued: '2017-05-19'\n")))
    assert (entry.opened, entry.issued) == (datetime.date(2017, 5, 18), datetime.date(2017, 5, 19))


@pytest.mark.parametrize(
    ("more", "places"),
    [
        ("tittle: x", [(8, "tittle")]),
        ("keywords: [潮汐,\n  2017]", [(9, "keywords.1")]),
        ("summary:", [(8, "summary")]),
        ("opened: 20170518", [(8, "opened")]),
        ("opened: '20170518'", [(8, "opened")]),
        ("opened: 2017-05-18 10:00:00", [(8, "opened")]),
        ("source: {pth: a}", [(8, "source.pth")]),
        ("source:\n  sheet: 1.5\n  path: a", [(9, "source.sheet")]),
        ("source:\n  path: a\n  header_row: [1, 2, 3]", [(10, "source.header_row")]),
        ("source:\n  path: a\n  footer_rows: '3'", [(10, "source.footer_rows")]),
        ("source:\n  path: a\n  url: b", [(8, "source")]),
        ("source:\n  path: a\n  table: b", [(8, "source")]),
        ("keywords: x\nsummary: 1\nnew: 2", [(8, "keywords"), (9, "summary"), (10, "new")]),
    ],
)
def test_an_entry_is_refused_at_line_and_key(tmp_path: Path, more: str, places: list[tuple[int, str]]) -> None:
    assert [(fault.line, fault.key) for fault in faults_of(tmp_path, f"{WHOLE}{more}\n", Entry)] == places


def test_a_misspelt_key_is_met_with_the_nearest(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, WHOLE + "source: {path: a, header_rows: 1}\n", Entry)
    assert "did you mean header_row?" in fault.fix
    assert "footer_rows" in fault.fix


def test_a_misspelt_key_below_a_named_thing_is_met_with_the_nearest(tmp_path: Path) -> None:
    agency = "id: a\nname: 甲\ncode: '1'\ndatabases:\n  main: {kind: sqlite, pth: x}\n"
    (fault,) = faults_of(tmp_path, agency, Agency)
    assert (fault.line, fault.key) == (5, "databases.main.pth")
    assert "did you mean path?" in fault.fix


def test_a_word_of_no_vocabulary_is_met_with_those_that_are(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, WHOLE.replace("每日", "每2日"), Entry)
    assert (fault.line, fault.key) == (7, "update_cycle")
    assert "did you mean 每日?" in fault.fix
    assert "每季度" in fault.fix


def test_a_number_where_text_belongs_is_shown_in_quotes(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, WHOLE.replace('"307002/000010"', "0010"), Entry)
    assert (fault.line, fault.key) == (2, "code")
    assert '"0010"' in fault.fix


def test_reasons_are_demanded_beside_the_word_that_needs_them(tmp_path: Path) -> None:
    content = WHOLE.replace("公开\n", "依申请公开\n").replace("无条件共享", "不予共享")
    faults = faults_of(tmp_path, content, Entry)
    assert [(fault.line, fault.key) for fault in faults] == [(5, "openness_basis"), (6, "sharing_basis")]


def test_required_keys_are_named_each(tmp_path: Path) -> None:
    keys = {fault.key for fault in faults_of(tmp_path, "id: a\n", Entry)}
    assert keys == {"code", "title", "owner", "openness", "sharing", "update_cycle"}


def test_a_list_is_no_entry(tmp_path: Path) -> None:
    assert [fault.line for fault in faults_of(tmp_path, "- a\n", Entry)] == [1]


def test_every_fault_is_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(YamlFaults) as caught:
        validate(Entry, load_yaml(file_with(tmp_path, WHOLE + "one: 1\ntwo: 2\n")))
    assert [line.split(" › ")[0][-2:] for line in str(caught.value).splitlines()] == [":8", ":9"]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("data_roots: [data]", "data_roots"),
        ("code_pattern: '('", "code_pattern"),
        ("targets: {static: {base_url: 'ftp://x'}}", "targets.static.base_url"),
        ("thresholds: {minimum_score: 101}", "thresholds.minimum_score"),
    ],
)
def test_an_agency_is_refused_at_its_key(tmp_path: Path, more: str, key: str) -> None:
    (fault,) = faults_of(tmp_path, f"id: a\nname: 甲\ncode: '1'\n{more}\n", Agency)
    assert (fault.line, fault.key) == (4, key)
