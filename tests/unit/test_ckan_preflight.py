"""Before the first dataset: a portal that can't be published to is told with what to do, by the right class."""

from __future__ import annotations

import email.utils
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.targets.ckan.errors import NotFound, PortalError, Refused
from pipelines.targets.ckan.portal import Portal, probe
from resource_catalog.agency import CkanTarget

NOW = 1_800_000_000.0
STATUS = {"ckan_version": "2.12.0", "extensions": ["datastore"], "site_url": "https://data.example.org/"}
PLUGIN = {"version": "1.0.0", "load": True, "two_phase": True, "max_upload": 10}


@dataclass
class PlayedPortal:
    """Answers of a sound portal, of which a test changes some; an error is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    address: str = "https://data.example.org"
    server_date: str = email.utils.formatdate(NOW, usegmt=True)

    def read(self, action: str, data: Any = None, *, anonymous: bool = False) -> Any:
        sound = {
            "status_show": STATUS,
            "user_show": {"name": "pipeline"},
            "organization_list_for_user": [{"name": "tide-office"}],
            "organization_show": {"name": "tide-office", "state": "active"},
            "datastore_search_sql": NotFound("off"),
            "release_capabilities": NotFound("no plugin"),
            "group_list_authz": [{"title": "海洋", "name": "ocean", "id": "1"}],
            "license_list": [{"title": "CC BY 4.0", "id": "CC-BY-4.0"}],
        }
        answer = {**sound, **self.answers}[action]
        if isinstance(answer, Exception):
            raise answer
        return answer


def _probe(played: PlayedPortal, **settings: Any) -> Portal:
    return probe(played, CkanTarget(**settings), "tide-office", lambda: NOW)  # type: ignore[arg-type]


def test_a_sound_portal_is_fit_and_known() -> None:
    portal = _probe(PlayedPortal())
    assert (portal.version, portal.site_url, portal.user) == ("2.12.0", "https://data.example.org", "pipeline")
    assert (portal.groups["海洋"], portal.licences["CC-BY-4.0"]) == ("ocean", "CC-BY-4.0")
    assert (portal.plugin, portal.notes) == (None, ())


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ({"status_show": {**STATUS, "ckan_version": "2.10.4"}}, PortalError, "2.10.4"),
        ({"status_show": {**STATUS, "extensions": []}}, PortalError, "DataStore"),
        ({"user_show": NotFound("nobody")}, Refused, "token"),
        ({"organization_list_for_user": []}, Refused, "tide-office"),
        ({"organization_list_for_user": [{"name": "other"}]}, Refused, "other"),
        ({"organization_list_for_user": [], "organization_show": NotFound("none")}, Refused, "has no organisation"),
        ({"organization_list_for_user": [], "organization_show": {"state": "deleted"}}, Refused, "has no organisation"),
        ({"datastore_search_sql": {"records": []}}, PortalError, "datastore_search_sql"),
        ({"datastore_search_sql": Refused("on, and not for you")}, PortalError, "datastore_search_sql"),
    ],
)
def test_an_obstacle_is_named_with_what_to_do(answers: dict[str, Any], kind: type[PortalError], said: str) -> None:
    with pytest.raises(kind) as caught:
        _probe(PlayedPortal(answers))
    assert said in str(caught.value)
    assert caught.value.fix


def test_sql_search_is_no_obstacle_where_the_agency_says_so() -> None:
    assert _probe(PlayedPortal({"datastore_search_sql": {}}), allow_sql_search=True).user == "pipeline"


def test_the_plugin_is_used_where_it_can_load() -> None:
    assert _probe(PlayedPortal({"release_capabilities": PLUGIN})).largest_upload == 10
    assert _probe(PlayedPortal({"release_capabilities": {**PLUGIN, "load": False}})).plugin is None
    assert _probe(PlayedPortal({"release_capabilities": PLUGIN}), way="stock").plugin is None


def test_the_plugin_is_missed_where_it_is_demanded() -> None:
    for said in (NotFound("none"), {**PLUGIN, "load": False}, {**PLUGIN, "version": "2.0.0"}):
        with pytest.raises(PortalError) as caught:
            _probe(PlayedPortal({"release_capabilities": said}), way="plugin")
        assert caught.value.fix


@pytest.mark.parametrize(
    ("changed", "said"), [({"load": False}, "may not make tables"), ({"version": "2.0.0"}, "2.0.0")]
)
def test_a_plugin_that_can_not_be_used_is_told(changed: dict[str, object], said: str) -> None:
    portal = _probe(PlayedPortal({"release_capabilities": {**PLUGIN, **changed}}))
    assert portal.plugin is None
    assert [said in note and "CKAN's own actions" in note for note in portal.notes] == [True]


def test_what_is_worth_knowing_is_a_note() -> None:
    status = {**STATUS, "extensions": ["datastore", "xloader"]}
    late = email.utils.formatdate(NOW - 600, usegmt=True)
    notes = _probe(PlayedPortal({"status_show": status}, "http://data.example.org", late)).notes
    assert [any(word in note for note in notes) for word in ("xloader", "unencrypted", "-600 s")] == [True] * 3
