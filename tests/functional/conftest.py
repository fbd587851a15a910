"""What the tests of whole runs start from; and a real CKAN whose servers die."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ckan_office import at_portal, ckan, proxy
from tests.disturbed_office import disturbed
from tests.dying_portal import publish_first
from tests.workspace_factory import TODAY, PortOffice, make_port_office

__all__ = ["at_portal", "ckan", "disturbed", "proxy", "publish_first"]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """A fresh workspace of six datasets, on a fixed day."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    return make_port_office(tmp_path)


@pytest.fixture
def published(office: PortOffice) -> PortOffice:
    """The same, published once."""
    assert office.run("publish").code == 0
    return office
