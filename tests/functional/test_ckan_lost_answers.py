"""A portal's answer is lost, once for each kind of write: the run ends well, and readers find everything once."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.ckan_office import CkanOffice
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.proxy_faults import DropAnswer
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY, make_port_office

pytestmark = pytest.mark.faults

_numbers = itertools.count()
#: Which writes a first release, a second one and a withdrawal make, by each way.
WRITES = [
    ("plugin", "package_create"),
    ("plugin", "package_revise"),
    ("plugin", "release_load"),
    ("plugin", "release_switch"),
    ("plugin", "release_drop"),
    ("stock", "datastore_create"),
    ("stock", "datastore_upsert"),
    ("stock", "datastore_records_delete"),
    ("stock", "datastore_delete"),
]


@pytest.mark.usefixtures("at_portal")
@pytest.mark.parametrize(("way", "action"), WRITES)
def test_no_answer_that_is_lost_loses_or_doubles_anything(
    ckan: Portal, proxy: FaultProxy, tmp_path: Path, way: str, action: str
) -> None:
    office = CkanOffice(make_port_office(tmp_path, ("ports",)), ckan, proxy, f"l{next(_numbers)}-", way)
    office.agency()
    fired = 0
    for step in ("first", "second", "last"):
        if step == "second":
            office.office.ports((*PORTS[:2], ("002", "新西港", "1955-10-12", SHARED_CANARY, NEVER_CANARY)))
        rule = proxy.on(DropAnswer(), action)
        if step == "last":
            office.run("withdraw", "ports", "--reason", "误报")
            assert office.show("ports")["resources"] == []
        else:
            office.run("publish")
            rows = [row["name"] for row in office.rows("ports")]
            assert sorted(rows) == (["东港", "南港", "西港"] if step == "first" else ["东港", "新西港"])
            assert len(office.resources("ports")) == len(office.show("ports")["resources"]) == 7
        fired += rule.fired
        proxy.calm()
        assert office.office.run("verify").code == 0
    assert fired > 0
