"""The files of all releases: uploaded where nobody looks, verified byte by byte, shown, and never changed after that.

<name>-releases is the dataset that readers see; what is added to it waits in <name>-staging, which is private. CKAN
lets a resource go from one dataset to the other with its file (reliability.md M9), so nothing unverified is listed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.description import OWNED, PUBLISHER_KEY, STATE, Description
from pipelines.targets.ckan.downloads import download
from pipelines.targets.ckan.errors import PortalError, TooLarge
from pipelines.targets.ckan.files import PublishedFile
from pipelines.targets.ckan.moving import take_back, take_out
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.package import Package, by_release, owned_as_described, owned_digest
from pipelines.targets.ckan.pages import ABREAST
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.revise import Revision, carried, create, match_of, revise, revision
from pipelines.targets.release_files import refuse_changed

SHELF_STATE, STAGING_STATE = "releases", "staging"
#: Bytes of files that go in one request; a larger one goes alone.
_TOGETHER = 32 << 20
#: What an overwritten file says; its name says nothing either.
_GONE = b"withdrawn\n"
_OVERWRITTEN_TOGETHER = 20

Resources = dict[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Filled:
    """All wanted files at the portal: `ready` those that readers see already, `waiting` those that lie in `place`."""

    shelf: Package
    place: Package
    ready: Resources = field(default_factory=dict)
    waiting: Resources = field(default_factory=dict)

    @property
    def resources(self) -> Resources:
        """All of them, by key."""
        return {**self.ready, **self.waiting}


def is_whole(client: Client, resource: Mapping[str, Any], file: PublishedFile, *, anonymous: bool) -> bool:
    """Whether the portal gives just the file's bytes."""
    got = download(client, str(resource["url"]), anonymous=anonymous)
    return got.status == 200 and (got.size, got.sha256) == (file.size, file.sha256)


class Shelf:
    """The dataset of all releases of one publication, and the private one in which files wait."""

    def __init__(self, client: Client, portal: Portal, name: str, code: str) -> None:
        self._client = client
        self._portal = portal
        self._code = code
        self.name, self.staging = f"{name}-releases", f"{name}-staging"

    def fill(
        self, shelf: Package | None, waiting: Package | None, page: Package | None, description: Description,
        files: Sequence[PublishedFile], *, reread: bool,
    ) -> Filled:  # fmt: skip
        """Have every file at the portal, verified, and nothing shown that was not.

        Args:
            shelf: The dataset of all releases as it is; None where there is none yet.
            waiting: The private one as it is.
            page: The dataset that readers know, which has the table once it is shown.
            description: What the first shall say.
            files: What readers shall find.
            reread: Whether to read again what readers see already, and have what is not whole anew.

        Raises:
            TooLarge: a file is over the portal's limit; nothing was sent.
            OutsideError: a file of the store is not the one that its release was made with; nothing was sent.
            PortalError: the portal refused, or gives other bytes than it was sent.
        """
        ready = self._ready(shelf, files, reread) if shelf and not shelf.private else {}
        missing = [file for file in files if file.key not in ready]
        self.refuse_unfit(missing)
        shelf = shelf or self._create(self.name, description, SHELF_STATE)
        if not missing:
            return Filled(shelf, shelf, ready)
        place = shelf if shelf.private else waiting or self._create(self.staging, description, STAGING_STATE)
        place = take_back(self._client, place, shelf, page)
        place, found = self._tidied(place, missing)
        sent = [file for file in missing if file.key not in found]
        place = self._upload(place, description, sent)
        added = {key: one for key, one in place.by_key(by_release).items() if key in {file.key for file in missing}}
        self._refuse_other_bytes(added, sent)
        return Filled(place if shelf.private else shelf, place, ready, added)

    def _refuse_other_bytes(self, added: Resources, sent: Sequence[PublishedFile]) -> None:
        """Have what was uploaded read, by the portal or back here a few files at a time; stop at one that isn't whole.

        Here it is read in any case once readers can, by the proof.
        """
        if self._portal.tells_files:
            self._refuse(added, sent, self._stored_whole(added, sent))
            return
        with ThreadPoolExecutor(ABREAST) as abreast:
            whole = abreast.map(lambda file: is_whole(self._client, added[file.key], file, anonymous=False), sent)
            self._refuse(added, sent, whole)

    @staticmethod
    def _refuse(added: Resources, sent: Sequence[PublishedFile], whole: Iterable[bool]) -> None:
        for file, as_sent in zip(sent, whole, strict=True):
            if not as_sent:
                where, fix = str(added[file.key]["url"]), "look at the portal's storage, then run again"
                raise PortalError("the portal gives other bytes than it was sent", where=where, fix=fix)

    def _stored_whole(self, added: Resources, sent: Sequence[PublishedFile]) -> Iterator[bool]:
        """Whether each lies in the portal's storage as it was sent, as our plugin read it there."""
        ids = {file.key: str(added[file.key]["id"]) for file in sent}
        stored = self._client.read("release_files", {"resources": list(ids.values())}) if sent else {}
        for file in sent:
            yield stored.get(ids[file.key]) == {"size": file.size, "sha256": file.sha256}

    def refuse_unfit(self, files: Sequence[PublishedFile]) -> None:
        """Refuse files that would be refused, or should be, before anything is sent.

        Raises:
            TooLarge: a file is over the portal's limit.
            OutsideError: a file of the store is not the one that its release was made with.
        """
        largest = self._portal.largest_upload
        for file in files:
            if largest is not None and file.size > largest:
                what = f"{file.name} has {file.size:,} bytes, and the portal takes {largest:,}"
                raise TooLarge(what, where=self._client.address, fix="have ckan.max_resource_size raised there")
            if isinstance(file.content, Path):
                refuse_changed(file.content, file.sha256)

    def _ready(self, shelf: Package, files: Sequence[PublishedFile], reread: bool) -> Resources:
        listed = shelf.by_key(by_release)
        found: Resources = {}
        for file in files:
            one = listed.get(file.key)
            if one and one.get("hash") == file.sha256:
                whole = not reread or is_whole(self._client, one, file, anonymous=True)
                found |= {file.key: one} if whole else {}
        return found

    def _create(self, name: str, description: Description, state: str) -> Package:
        fields = {"title": description.fields["title"], "owner_org": self._portal.organisation}
        return create(self._client, name, fields, {PUBLISHER_KEY: self._code, STATE: state})

    def _tidied(self, place: Package, missing: Sequence[PublishedFile]) -> tuple[Package, Resources]:
        """The place without what a run that was cut short left there, but for what is whole and wanted."""
        listed = place.by_key(by_release)
        found: Resources = {}
        for file in missing:
            one = listed.get(file.key)
            if one and one.get("hash") == file.sha256 and is_whole(self._client, one, file, anonymous=False):
                found[file.key] = one
        kept = {one["id"] for one in found.values()}
        others = [str(one["id"]) for one in place.resources if by_release(one) and one["id"] not in kept]
        return retire(self._client, place, others), found

    def _upload(self, place: Package, description: Description, files: Sequence[PublishedFile]) -> Package:
        for batch in _batches(files):
            place = self._upload_batch(place, description, batch)
        return place

    def _upload_batch(self, place: Package, description: Description, files: Sequence[PublishedFile]) -> Package:
        ids = {file.key: str(uuid.uuid4()) for file in files}  # nobody can know them before they are shown (M10)
        new = [
            {**description.resources[file.key], "id": ids[file.key], "url": file.name, "url_type": "upload"}
            for file in files
        ]
        uploads = [
            Upload(f"update__resources__{ids[file.key]}__upload", file.name, file.content, file.media_type)
            for file in files
        ]
        change = {"match": match_of(place), "update__resources__extend": new}
        wanted = set(ids.values())
        return revise(self._client, change, lambda now: wanted <= {one["id"] for one in now.resources}, uploads)

    def show(self, filled: Filled, description: Description, marker: Mapping[str, str]) -> Package:
        """Let readers see what waited; the releases before stay listed.

        Raises:
            Conflict: somebody changed the dataset since it was read.
        """
        moving = filled.place.id != filled.shelf.id and filled.waiting
        ids = {str(one["id"]) for one in filled.waiting.values()}
        if moving:
            take_out(self._client, filled.place, sorted(ids))
        resources = {
            key: {
                **(carried(one) if moving and one["id"] in ids else {}),
                **description.resources[key],
                **self._addresses(filled.shelf, one),
                "id": one["id"],
            }
            for key, one in filled.resources.items()
        }
        values = owned_digest(owned_as_described(description, {}))
        wanted = {PUBLISHER_KEY: self._code, STATE: SHELF_STATE, OWNED: values, **marker}
        change = revision(filled.shelf, description, wanted, resources, by_release)
        return revise(
            self._client,
            change,
            lambda now: ids <= {one["id"] for one in now.resources} and wanted.items() <= now.extras.items(),
        )

    def _addresses(self, shelf: Package, resource: Mapping[str, Any]) -> dict[str, str]:
        """Where its page and its file will be, wherever it waits now."""
        page = f"{self._portal.site_url}/dataset/{shelf.id}/resource/{resource['id']}"
        return {"access_url": page, "download_url": f"{page}/download/{str(resource['url']).rpartition('/')[2]}"}


def _batches(files: Sequence[PublishedFile]) -> Iterator[list[PublishedFile]]:
    batch: list[PublishedFile] = []
    for file in files:
        if batch and sum(one.size for one in batch) + file.size > _TOGETHER:
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def retire(client: Client, package: Package, ids: Sequence[str]) -> Package:
    """Overwrite files and then remove their resources: of a removed one CKAN keeps the bytes (reliability.md M7)."""
    for start in range(0, len(ids), _OVERWRITTEN_TOGETHER):
        some = ids[start : start + _OVERWRITTEN_TOGETHER]
        change: Revision = {"match": match_of(package)}
        change |= {f"update__resources__{one}": {"hash": "", "name": "-"} for one in some}
        uploads = [Upload(f"update__resources__{one}__upload", "gone.txt", _GONE, "text/plain") for one in some]
        package = revise(client, change, lambda now, some=some: _are_gone(now, some), uploads)  # type: ignore[misc]
        change = {"match": match_of(package), "filter": [f"-resources__{one}" for one in some]}
        package = revise(client, change, lambda now, some=some: not _listed(now, some))  # type: ignore[misc]
    return package


def _listed(package: Package, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    return [one for one in package.resources if one["id"] in ids]


def _are_gone(package: Package, ids: Sequence[str]) -> bool:
    return all(one.get("size") == len(_GONE) and str(one["url"]).endswith("/gone.txt") for one in _listed(package, ids))
