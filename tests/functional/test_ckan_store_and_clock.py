"""A store that was changed behind our back is never published; a clock that goes wrong takes nobody back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ckan_office import CkanOffice, make_ckan_office, writes
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.workspace_factory import TODAY

pytestmark = pytest.mark.usefixtures("at_portal")


@pytest.fixture
def office(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office that publishes to the CKAN alone, once; by CKAN's own actions, which read the store's rows."""
    office = make_ckan_office(tmp_path, ckan, proxy, "stock")
    ckan = {"organisation": "own-agency", "prefix": office.prefix, "way": "stock"}
    office.office.agency(targets={"static": {"enabled": False}, "ckan": ckan})
    office.run("publish")
    return office


def _flip(file: Path) -> None:
    """One bit of its middle byte, as a failing disk would."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


@pytest.mark.parametrize("file", ["data/ports.csv", "SHA256SUMS"])
def test_a_byte_that_flips_between_release_and_publication_is_refused(
    office: CkanOffice, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """The release is made while its portal is away, and is harmed before the next run."""
    office.add_port()
    with monkeypatch.context() as away:
        away.setenv("CKAN_TOKEN", "none")
        assert office.office.run("publish").code == 3
        away.delenv("CKAN_URL")
        away.delenv("CKAN_TOKEN")
        office.run("publish")  # makes the release, and shows it nowhere
    _flip(office.office.release("ports", 2) / file)
    before = len(office.proxy.sent)
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert file.rpartition("/")[2] in answer.datasets["ports"]["reason"]
    assert [one for one in writes(office.proxy.sent[before:]) if one != "package_create"] == []
    assert office.show("ports")["version"] == "1"
    assert len(office.rows("ports")) == 3


def test_rows_are_never_healed_from_a_harmed_store(office: CkanOffice) -> None:
    _flip(office.office.release("ports", 1) / "data/ports.csv")
    table = office.resources("ports")["csv"]["id"]
    office.portal.sql("datastore", f"""UPDATE "{table}" SET name = '假港' WHERE code = '001'""")
    before = len(office.proxy.sent)
    answer = office.office.run("publish", "ports")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert writes(office.proxy.sent[before:]) == []


def test_a_release_has_the_next_number_whatever_the_clock_says(
    office: CkanOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day back, ten years on, a leap day, and today again."""
    for number, today in enumerate(("2026-11-23", "2036-11-24", "2028-02-29", TODAY), start=2):
        monkeypatch.setenv("OPENDATA_TODAY", today)
        office.add_port(f"港{number}")
        assert office.run("publish").datasets["ports"]["release"] == number
        assert office.show("ports")["version"] == str(number)
        assert f"港{number}" in [row["name"] for row in office.rows("ports")]
        assert office.office.run("publish").verdicts["ports"] == "unchanged"
    assert office.office.run("verify").code == 0
