"""Hundreds of other people's resources in a dataset, many datasets beside it: a release sends what it always did."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.ckan_office import CkanOffice, make_ckan_office
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal

_FOREIGN, _OTHERS = 500, 60
pytestmark = pytest.mark.usefixtures("at_portal")


@pytest.fixture
def office(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    office = make_ckan_office(tmp_path, ckan, proxy, "auto")
    office.agency(ckan={"grace": 2})  # each release takes one away, so that our own past does not grow
    office.run("publish")
    return office


def _sent(office: CkanOffice, port: str) -> Counter[str]:
    """The requests of one release, by what they are; a file that a busy portal was asked for again counts once."""
    office.add_port(port)
    sent = {(one.place, one.path if one.place == "dataset" else one.number) for one in office.counted("publish")}
    return Counter(place for place, _ in sent)


def test_a_crowd_around_it_changes_no_request(office: CkanOffice) -> None:
    _sent(office, "甲港")  # the third release finds all that a second one makes
    before = _sent(office, "乙港")
    foreign = [{"name": f"别人的{number}", "url": f"https://example.org/{number}"} for number in range(_FOREIGN)]
    name = f"{office.prefix}ports"
    office.portal.call("package_revise", "editor", match={"name": name}, update__resources__extend=foreign)
    for number in range(_OTHERS):
        office.portal.call(
            "package_create", "editor", name=f"{office.prefix}other-{number}", title="别的", owner_org="own-agency"
        )
    assert _sent(office, "丙港") == before
    page = office.show("ports")
    assert (len(page["resources"]), page["version"]) == (_FOREIGN + 7, "4")
    assert [one["name"] for one in page["resources"] if not one.get("release_role")] == [one["name"] for one in foreign]
    assert office.office.run("verify").code == 0
