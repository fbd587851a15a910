"""What the tests of whole runs start from; and a real CKAN whose servers die."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ckan_office import at_portal, ckan, proxy
from tests.disturbed_office import disturbed
from tests.dying_portal import publish_first
from tests.workspace_factory import TODAY, PortOffice, make_port_office

__all__ = ["at_portal", "ckan", "disturbed", "proxy", "publish_first"]


def _fix_the_day(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("OPENDATA_TODAY", TODAY)
    for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL"):
        patch.delenv(name, raising=False)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """A fresh workspace of six datasets, on a fixed day."""
    _fix_the_day(monkeypatch)
    return make_port_office(tmp_path)


@pytest.fixture(scope="session")
def published_before(tmp_path_factory: pytest.TempPathFactory) -> PortOffice:
    """Such an office after its first run, to be copied."""
    office = make_port_office(tmp_path_factory.mktemp("published"))
    with pytest.MonkeyPatch.context() as patch:
        _fix_the_day(patch)
        for name in ("CKAN_URL", "CKAN_TOKEN"):
            patch.delenv(name, raising=False)
        assert office.run("publish").code == 0
    return office


@pytest.fixture
def published(office: PortOffice, published_before: PortOffice) -> PortOffice:
    """The same, published once: a copy, for nothing in a home says where it lies."""
    shutil.rmtree(office.root)
    for place in ("root", "home"):
        shutil.copytree(getattr(published_before, place), getattr(office, place), symlinks=True)
    return office
