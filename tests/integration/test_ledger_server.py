"""The ledger in PostgreSQL, where several machines publish: same acts, same chain, and no secret in a message."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipelines.ledger import Act, open_ledger
from resource_catalog.errors import OutsideError
from tests.workspace_factory import TODAY, make_port_office

PASSWORD = "canary-5e7b'\"\\x"  # noqa: S105 - the account's of the server in conftest.py
AT = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)


@pytest.fixture
def url(postgres: Any) -> Iterator[str]:
    """The address of an empty ledger."""
    postgres.run("GRANT CREATE ON SCHEMA public TO reader;")
    yield f"postgresql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:{postgres.port}/agency"
    postgres.run("DROP TABLE IF EXISTS acts;")


def act(number: int) -> Act:
    detail = {"inputs": "", "rows": 1, "changes": {"added": number, "removed": 0, "changed": 0}, "entry": {}}
    return Act("released", "潮汐", AT, "run", number, digest=f"sha256:{number}", detail=detail)


def test_acts_come_back_and_a_forged_one_is_named(url: str, postgres: Any, tmp_path: Path) -> None:
    ledger = open_ledger(url, tmp_path / "unused")
    assert ledger.acts() == []
    ledger.append(act(1), act(2))
    open_ledger(url, tmp_path / "unused").append(act(3))
    assert ledger.acts() == [act(1), act(2), act(3)]
    assert list(tmp_path.iterdir()) == []
    postgres.run("UPDATE acts SET digest = 'sha256:9' WHERE seq = 2;")
    with pytest.raises(OutsideError, match="act 2"):
        ledger.acts()


def test_server_that_is_gone_is_named_without_its_secret(tmp_path: Path) -> None:
    secret = quote(PASSWORD, safe="")
    ledger = open_ledger(f"postgresql://reader:{secret}@127.0.0.1:9/agency", tmp_path / "unused")
    with pytest.raises(OutsideError) as caught:
        ledger.acts()
    assert "127.0.0.1" in caught.value.where
    assert PASSWORD not in str(caught.value)
    assert secret not in str(caught.value)


def test_workspace_published_on_a_server_ledger(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    monkeypatch.setenv("OPENDATA_LEDGER_URL", url)
    office = make_port_office(tmp_path, ["ports", "wrecks"])
    assert office.run("publish").code == 0
    assert not (office.home / "ledger.sqlite").exists()
    assert office.run("publish").verdicts == {"ports": "unchanged", "wrecks": "unchanged"}
    assert office.run("verify").code == 0
