"""A CKAN dataset as the portal shows it: whose it is, what it says it shows, and the values that are ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.handover import Form, Standing
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.describe import own_extras
from pipelines.targets.ckan.description import (
    ACT,
    DIGEST,
    FIELDS,
    MARKER,
    OWNED,
    PUBLISHER_KEY,
    RELEASE,
    RESOURCE_FIELDS,
    RESOURCE_RELEASE,
    ROLE,
    STABLE_IDS,
    STATE,
    Description,
    as_text,
    digest_of,
)
from pipelines.targets.ckan.errors import NotFound, Refused, UnknownOutcome

#: How a resource of ours is told from the others of its dataset; "" where it is not ours.
Key = Callable[[Mapping[str, Any]], str]
#: What CKAN says of every dataset.
_ALWAYS = {"id", "name", "metadata_modified", "private", "state"}
#: State of a dataset of ours that was made and never shown.
UNSEEN = "staging"


def by_role(resource: Mapping[str, Any]) -> str:
    """Key of the main dataset's resources."""
    return as_text(resource.get(ROLE))


def by_release(resource: Mapping[str, Any]) -> str:
    """Key of the resources of the dataset of all releases, which are uploaded files."""
    if resource.get("url_type") != "upload":
        return ""
    role, release = as_text(resource.get(ROLE)), as_text(resource.get(RESOURCE_RELEASE))
    return f"{release}/{role}" if role and release else ""


def by_nothing(_resource: Mapping[str, Any]) -> str:
    """Key that leaves out all resources: those of the dataset of all releases are proved by their bytes."""
    return ""


@dataclass(frozen=True)
class Package:
    """A dataset as `package_show` gives it."""

    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id, which stays whatever the name becomes."""
        return str(self.data["id"])

    @property
    def name(self) -> str:
        """The name in its address."""
        return str(self.data["name"])

    @property
    def modified(self) -> str:
        """The moment of its last change: what a compare-and-swap compares."""
        return str(self.data["metadata_modified"])

    @property
    def private(self) -> bool:
        """Whether only the organisation sees it."""
        return bool(self.data["private"])

    @property
    def deleted(self) -> bool:
        """Whether someone deleted it."""
        return bool(self.data["state"] != "active")

    @property
    def extras(self) -> dict[str, str]:
        """All extras."""
        return {extra["key"]: as_text(extra["value"]) for extra in self.data.get("extras", [])}

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """All resources in their order."""
        return list(self.data.get("resources", []))

    @property
    def stable_ids(self) -> dict[str, str]:
        """Role → resource id, of all roles that there ever were."""
        written = self.extras.get(STABLE_IDS)
        remembered: dict[str, str] = json.loads(written) if written else {}
        return remembered | {by_role(one): str(one["id"]) for one in self.resources if by_role(one)}

    def by_key(self, key: Key) -> dict[str, Mapping[str, Any]]:
        """Our resources; of two with one key the last."""
        return {key(resource): resource for resource in self.resources if key(resource)}

    def standing(self, dataset: str) -> Standing | None:
        """What it says that readers see; None where that is nothing."""
        extras = self.extras
        if self.deleted or self.private or extras.get(STATE, UNSEEN) == UNSEEN:
            return None
        # Where someone changed what is ours, it shows no publication of ours any more.
        edited = owned_digest(owned(self, by_role)) != extras.get(OWNED)
        release = extras.get(RELEASE, "")
        digest = "edited" if edited else extras.get(DIGEST, "")
        number = int(release) if release else None
        return Standing(dataset, Form(extras[STATE]), number, digest, extras.get(ACT, ""))


def package_of(answer: Any, name: str) -> Package:
    """The dataset that an answer carries.

    Args:
        answer: What is to be one.
        name: Name or id of the dataset that was asked for.

    Raises:
        UnknownOutcome: it is none, or another.
    """
    is_one = isinstance(answer, Mapping) and answer.keys() >= _ALWAYS
    if is_one and name in (answer["id"], answer["name"]):
        return Package(answer)
    other = f"the dataset {answer['name']}" if is_one else "no dataset"
    fix = "look at what stands before the portal, such as a cache"
    raise UnknownOutcome(f"the portal answers with {other}, and was asked for {name}", where=name, fix=fix)


def read_package(client: Client, name: str, *, anonymous: bool = False) -> Package | None:
    """The dataset of that name or id; None where there is none. As anybody, None also where it is not for everybody."""
    try:
        return package_of(client.read("package_show", {"id": name}, anonymous=anonymous), name)
    except NotFound:
        return None
    except Refused:
        if anonymous:
            return None
        raise


def is_ours(package: Package, code: str) -> bool:
    """Whether a dataset was made by us for the resource of that code."""
    return package.extras.get(PUBLISHER_KEY) == code


def owned(package: Package, key: Key) -> dict[str, str]:
    """The values that are ours, by a path that people understand; what says them apart is left out."""
    ours = own_extras().difference(MARKER)
    values = {name: as_text(package.data.get(name)) for name in FIELDS}
    values["tags"] = ", ".join(sorted(tag["name"] for tag in package.data.get("tags", [])))
    values |= {f"extras {name}": value for name, value in package.extras.items() if name in ours}
    for name, resource in package.by_key(key).items():
        values |= {f"resource {name}, {field}": as_text(resource.get(field)) for field in RESOURCE_FIELDS}
        if resource.get("url_type") != "upload":
            values[f"resource {name}, url"] = as_text(resource.get("url"))
    return {name: value for name, value in values.items() if value}


def owned_as_described(description: Description, resources: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What `owned` gives once a description is shown with these resources, by key, addresses included."""
    values = {name: as_text(description.fields.get(name)) for name in FIELDS}
    values["tags"] = ", ".join(sorted(description.tags))
    values |= {f"extras {name}": value for name, value in description.extras.items()}
    for name, resource in resources.items():
        values |= {f"resource {name}, {field}": as_text(resource.get(field)) for field in RESOURCE_FIELDS}
        if resource.get("url_type") != "upload":
            values[f"resource {name}, url"] = as_text(resource.get("url"))
    return {name: value for name, value in values.items() if value}


def owned_digest(values: Mapping[str, str]) -> str:
    """One word for all values that are ours."""
    return digest_of(dict(values))
