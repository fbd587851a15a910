"""What a portal can do and whether we may publish there: found out once a run, each obstacle with what to do."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import Invalid, NotFound, PortalError, Refused
from resource_catalog.agency import CkanTarget

OLDEST = (2, 11)
#: Plugins that load files into the DataStore by themselves, and would do so over our tables.
_LOADERS = ("datapusher", "datapusher_plus", "xloader")
_CLOCK_SECONDS = 120.0
#: The plugin's versions that speak as this program does begin with it.
_PLUGIN_EDITION = "1"


@dataclass(frozen=True)
class Portal:
    """A portal that was found fit.

    `plugin` is what our plugin says of itself, None where the portal is published to by CKAN's own actions. `groups`
    are the groups that the user may fill, by title and by name; `licences` the portal's, by id and by title.
    """

    version: str
    site_url: str
    organisation: str
    user: str
    speaks_dcat: bool
    plugin: Mapping[str, Any] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    licences: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def largest_upload(self) -> int | None:
        """Bytes of the largest file; None where the portal doesn't say."""
        return int(self.plugin["max_upload"]) if self.plugin and self.plugin.get("max_upload") else None

    @property
    def tells_files(self) -> bool:
        """Whether our plugin tells uploaded files by their digests, as they lie in the portal's storage."""
        return bool(self.plugin and self.plugin.get("files"))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _checked_status(client: Client) -> Mapping[str, Any]:
    status: Mapping[str, Any] = client.read("status_show")
    version, extensions = str(status.get("ckan_version", "")), status.get("extensions", [])
    if _number(version) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise PortalError(f"the portal is CKAN {version}", where=client.address, fix=f"have it brought to {oldest}")
    if "datastore" not in extensions:
        fix = "enable `datastore` in ckan.plugins"
        raise PortalError("the portal has no DataStore", where=client.address, fix=fix)
    return status


def _checked_user(client: Client) -> str:
    """Who the token is: a wrong one reads like anybody, so only an answer about ourselves proves it."""
    try:
        return str(client.read("user_show")["name"])
    except (NotFound, Refused) as error:
        fix = "make a new token on the user's page there, and set CKAN_TOKEN to it"
        raise Refused("the portal doesn't know the token", where=client.address, fix=fix) from error


def _refuse_missing_organisation(client: Client, wanted: str) -> None:
    """Tell an organisation that is not there, or was deleted, from one in which the user has no right."""
    try:
        is_there = client.read("organization_show", {"id": wanted})["state"] == "active"
    except NotFound:
        is_there = False
    except Refused:
        is_there = True
    if not is_there:
        fix = "have it made, restored or named so again there, or name another in agency.yaml under targets.ckan"
        raise Refused(f"the portal has no organisation {wanted}", where=client.address, fix=fix)


def _checked_organisation(client: Client, wanted: str, user: str) -> str:
    mine = client.read("organization_list_for_user", {"permission": "create_dataset"})
    names = [organisation["name"] for organisation in mine]
    if wanted not in names:
        _refuse_missing_organisation(client, wanted)
        others = f"; it may in: {', '.join(sorted(names))}" if names else ""
        raise Refused(
            f"the user {user} may not publish in the organisation {wanted}{others}",
            where=client.address,
            fix="have it made an editor there, or name another in agency.yaml under targets.ckan.organisation",
        )
    return wanted


def _check_sql_search(client: Client, allowed: bool) -> None:
    """Refuse a portal that runs anybody's SQL, unless the agency says that it knows."""
    try:
        client.read("datastore_search_sql", {"sql": "SELECT 1"}, anonymous=True)
    except NotFound:
        return
    except (Invalid, Refused):
        pass  # it is on, whatever it says to this query
    if not allowed:
        raise PortalError(
            "the portal answers datastore_search_sql, through which tables have leaked (CVE-2026-42031)",
            where=client.address,
            fix="set ckan.datastore.sqlsearch.enabled = false there, or targets.ckan.allow_sql_search in agency.yaml",
        )


def _capabilities(client: Client, way: str) -> tuple[Mapping[str, Any] | None, str]:
    """What our plugin says of itself, None where the portal is published to by CKAN's own actions; and why so, if told.

    Raises:
        PortalError: the agency demands the plugin, and it is not there or can't do it.
    """
    if way == "stock":
        return None, ""
    try:
        said: Mapping[str, Any] = client.read("release_capabilities")
    except NotFound as error:
        if way == "plugin":
            fix = "enable `release` in ckan.plugins there, or set targets.ckan.way to auto in agency.yaml"
            raise PortalError("the portal lacks our plugin", where=client.address, fix=fix) from error
        return None, ""
    what, fix = _unusable(said)
    if what and way == "plugin":
        raise PortalError(what, where=client.address, fix=f"{fix}, or set targets.ckan.way to auto in agency.yaml")
    return (None, f"{what}, so rows change by CKAN's own actions → {fix}") if what else (said, "")


def _unusable(said: Mapping[str, Any]) -> tuple[str, str]:
    """Why the plugin that is there can't be used, and what to do; "" where it can."""
    version = str(said.get("version", ""))
    if version.partition(".")[0] != _PLUGIN_EDITION:
        what = f"the portal's plugin is of version {version or 'unknown'}, and this program knows {_PLUGIN_EDITION}.x"
        return what, "install the plugin that came with this program there"
    if not said.get("load"):
        fix = "have the schema made there as the plugin's README says (CREATE SCHEMA … AUTHORIZATION …)"
        return "the portal's plugin may not make tables", fix
    return "", ""


def _notes(client: Client, status: Mapping[str, Any], clock: Callable[[], float]) -> Iterator[str]:
    loaders = [name for name in status.get("extensions", []) if name in _LOADERS]
    if loaders:
        yield (
            f"the portal runs {', '.join(loaders)}, which may load our files over our tables → "
            "have it leave out resources of this organisation"
        )
    if client.address.startswith("http://") and not re.match(r"http://(127\.|localhost|\[::1\])", client.address):
        yield "the token travels unencrypted → set CKAN_URL to an https address"
    there = email.utils.parsedate_to_datetime(client.server_date).timestamp() if client.server_date else clock()
    if abs(there - clock()) > _CLOCK_SECONDS:
        yield f"the portal's clock is {there - clock():+.0f} s off ours → have both set by a time server"


def _titled(found: list[dict[str, Any]]) -> dict[str, str]:
    """Title and name (or id) → name."""
    names = {one["title"]: one.get("name") or one["id"] for one in found}
    return names | {name: name for name in names.values()}


def probe(client: Client, settings: CkanTarget, agency: str, clock: Callable[[], float] = time.time) -> Portal:
    """Find out what the portal is.

    Args:
        client: The portal.
        settings: What the agency wants of it.
        agency: The agency's id, its organisation's name where the settings give none.
        clock: The time here, in seconds since 1970.

    Raises:
        PortalError: it can't be published to.
    """
    status = _checked_status(client)
    user = _checked_user(client)
    organisation = _checked_organisation(client, settings.organisation or agency, user)
    _check_sql_search(client, settings.allow_sql_search)
    plugin, note = _capabilities(client, settings.way)
    return Portal(
        version=str(status["ckan_version"]),
        site_url=str(status["site_url"]).rstrip("/"),
        organisation=organisation,
        user=user,
        speaks_dcat="dcat" in status["extensions"],
        plugin=plugin,
        groups=_titled(client.read("group_list_authz", {"available_only": False})),
        licences=_titled(client.read("license_list")),
        notes=(*([note] if note else ()), *_notes(client, status, clock)),
    )
