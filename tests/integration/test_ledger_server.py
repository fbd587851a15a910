"""The ledger in PostgreSQL, where several machines publish: same acts, same chain, and no secret in a message."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipelines.chain import Head
from pipelines.ledger import Act, open_ledger
from pipelines.shares.acts import SharingLedger
from pipelines.shares.stamp import Stamp
from resource_catalog.errors import LockedError, OutsideError
from tests.workspace_factory import TODAY, make_port_office

PASSWORD = "canary-5e7b'\"\\x"  # noqa: S105 - the account's of the server in conftest.py
AT = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)


@pytest.fixture
def url(postgres: Any) -> Iterator[str]:
    """The address of an empty ledger."""
    postgres.run("GRANT CREATE ON SCHEMA public TO reader;")
    yield f"postgresql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:{postgres.port}/agency"
    postgres.run("DROP TABLE IF EXISTS acts; DROP TABLE IF EXISTS sharing_acts;")


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


def test_two_machines_share_by_one_ledger(
    url: str, postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one of them notes the other knows, and tells its own server; a forged act stops both."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    monkeypatch.setenv("OPENDATA_LEDGER_URL", url)
    office = make_port_office(tmp_path, ["ports", "wrecks"])
    other = tmp_path / "other"
    assert office.run("bureau add", "water", "--title", "水务局").code == 0
    assert office.run("bureau add", "water", "--title", "水务局", home=other).code == 2
    assert office.run("bureau remove", "water", home=other).code == 0
    assert office.run("bureau list").document == {"bureaus": []}
    postgres.run("UPDATE sharing_acts SET subject = 'fire' WHERE seq = 2;")
    assert [office.run("bureau list", home=home).code for home in (office.home, other)] == [3, 3]


def test_who_did_not_see_the_last_act_writes_nothing(url: str, tmp_path: Path) -> None:
    """Between two machines no lock of a home helps: the chain itself says that somebody was faster."""
    stamp = Stamp(AT, "run")
    mine, theirs = (SharingLedger(open_ledger(url, tmp_path / "unused").database) for _ in range(2))
    seen = mine.append((stamp.act("bureau-added", "water", title="水务局"),), Head())
    theirs.append((stamp.act("bureau-removed", "water", reason=""),), seen)

    with pytest.raises(LockedError, match="another run"):
        mine.append((stamp.act("bureau-removed", "water", reason=""),), seen)

    assert [act.act for act in mine.acts()[0]] == ["bureau-added", "bureau-removed"]
