"""Changes of datasets: each is one `package_revise` that refuses where somebody changed the dataset meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.describe import own_extras
from pipelines.targets.ckan.description import RESOURCE_FIELDS, Description, as_text
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.package import Key, Package, package_of, read_package

#: Parameters of `package_revise`.
Revision = dict[str, Any]
#: What CKAN says of a resource by itself, and refuses or ignores when it is told.
_TOLD_BY_CKAN = ("package_id", "position", "state", "created", "metadata_modified", "datastore_active")


def match_of(package: Package) -> dict[str, str]:
    """The compare-and-swap: this dataset, unchanged since it was read."""
    return {"id": package.id, "metadata_modified": package.modified}


def carried(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as it is told anew to CKAN, in the same or in another dataset."""
    return {key: value for key, value in resource.items() if key not in _TOLD_BY_CKAN}


def with_extra(package: Package, name: str, value: str) -> Revision:
    """The part of a change that sets one extra, or removes it where the value is ""; all others stay."""
    others = [extra for extra in package.data.get("extras", []) if extra["key"] != name]
    told = [{"key": extra["key"], "value": extra["value"]} for extra in others]
    return {"filter": ["-extras"], "update": {"extras": [*told, *([{"key": name, "value": value}] if value else [])]}}


def _resource(now: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted values, and an empty one for each of ours that is there and no longer wanted."""
    gone = [field for field in RESOURCE_FIELDS if now and as_text(now.get(field)) and field not in wanted]
    return {field: None if field == "size" else "" for field in gone} | dict(wanted)


def revision(
    package: Package,
    description: Description,
    marker: Mapping[str, str],
    resources: Mapping[str, Mapping[str, Any]],
    key: Key,
    *,
    remove: Sequence[str] = (),
) -> Revision:
    """The change that makes a dataset say what is described; whatever is not ours stays.

    Args:
        package: The dataset as it was read.
        description: What it shall say.
        marker: Extras of our own beside the described ones.
        resources: By key, with their ids: of those that are there the values, of others all.
        key: How a resource of ours is told.
        remove: Ids of resources that go.
    """
    there = {str(resource["id"]): resource for resource in package.resources}
    ours = own_extras()
    foreign = [extra for extra in package.data.get("extras", []) if extra["key"] not in ours]
    own = [{"key": name, "value": value} for name, value in {**description.extras, **marker}.items() if value]
    change: Revision = {
        "match": match_of(package),
        "filter": ["-extras", "-tags", *(f"-resources__{one}" for one in remove)],
        "update": {
            **description.fields,
            "tags": [{"name": tag} for tag in description.tags],
            "extras": [*({"key": extra["key"], "value": extra["value"]} for extra in foreign), *own],
        },
    }
    groups = [group["name"] for group in package.data.get("groups", [])]
    if not set(description.groups) <= set(groups):
        change["filter"].append("-groups")
        change["update"]["groups"] = [{"name": name} for name in dict.fromkeys([*groups, *description.groups])]
    for one in resources.values():
        if one["id"] in there:
            change[f"update__resources__{one['id']}"] = _resource(there[one["id"]], one)
    new = [_resource(None, one) for one in resources.values() if one["id"] not in there]
    if new:
        change["update__resources__extend"] = new
    return change


def revise(
    client: Client, change: Revision, is_done: Callable[[Package], bool], uploads: Sequence[Upload] = ()
) -> Package:
    """Carry out a change; where the answer is lost, `is_done` tells from the dataset whether it was made.

    Raises:
        Conflict: somebody changed the dataset since it was read; nothing was written.
        PortalError: the portal refused or failed.
    """

    def find() -> Package | None:
        found = read_package(client, change["match"]["id"])
        return found if found and is_done(found) else None

    def write() -> Package:
        return package_of(client.write("package_revise", change, uploads).get("package"), change["match"]["id"])

    return client.settle(write, find)


def create(
    client: Client,
    name: str,
    fields: Mapping[str, Any],
    extras: Mapping[str, str],
    resources: Sequence[Mapping[str, Any]] = (),
) -> Package:
    """A dataset that nobody sees yet; the name guards against making two."""
    told = [{"key": key, "value": value} for key, value in extras.items()]
    wanted = {**fields, "name": name, "private": True, "extras": told, "resources": list(resources)}

    def find() -> Package | None:
        found = read_package(client, name)
        return found if found and extras.items() <= found.extras.items() else None

    return client.settle(lambda: package_of(client.write("package_create", wanted), name), find)
