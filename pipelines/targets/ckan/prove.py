"""The proof that anybody finds a publication at the portal, whole and only that; each fault is a sentence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipelines.handover import Form, Proof, Publication
from pipelines.targets.ckan.client import Client, Fetched
from pipelines.targets.ckan.dcat_facts import page_facts
from pipelines.targets.ckan.describe import Wanted
from pipelines.targets.ckan.description import DIGEST, PUBLISHER_KEY, RECALLED
from pipelines.targets.ckan.downloads import download
from pipelines.targets.ckan.errors import NotFound
from pipelines.targets.ckan.files import PublishedFile, shown_files
from pipelines.targets.ckan.package import (
    Package,
    by_nothing,
    by_release,
    by_role,
    owned,
    owned_as_described,
    read_package,
)
from pipelines.targets.ckan.pages import ABREAST
from pipelines.targets.ckan.release_rows import open_release
from pipelines.targets.ckan.search_index import SearchLag, found_by_search, ghost_fault
from pipelines.targets.ckan.tables import TABLE_ROLE, facts_of, table_faults
from quality.metadata_quality import MetadataScore, score_metadata

_GONE = (404, 410)


@dataclass
class Reading:
    """What was read so far, and what was wrong with it."""

    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    metadata: MetadataScore | None = None


def _other(expected: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*expected, *now} if expected.get(name) != now.get(name))


class Prover:
    """Reads one portal as anybody does."""

    def __init__(self, client: Client, name: str, shelf: str, lag: SearchLag, *, speaks_dcat: bool) -> None:
        self._client, self._name, self._shelf, self._lag = client, name, shelf, lag
        self._speaks_dcat = speaks_dcat

    def prove(self, publication: Publication, wanted: Wanted) -> Proof:
        """Read page, files, rows and search, and hold them against the publication.

        Raises:
            PortalError: the portal can't be read.
        """
        reading = Reading()
        page = read_package(self._client, self._name, anonymous=True)
        if page is None or page.deleted:
            reading.faults += [f"the dataset {self._name} is not there for readers", *self._ghost(None)]
            return self._proof(publication, reading)
        if PUBLISHER_KEY not in page.extras:
            reading.faults.append(f"the dataset {self._name} is someone else's")
            return self._proof(publication, reading)
        if page.extras.get(DIGEST) != wanted.digest:
            reading.faults += [f"the dataset {self._name} shows another publication", *self._ghost(page)]
            return self._proof(publication, reading)
        shelf = read_package(self._client, self._shelf, anonymous=True)
        with ThreadPoolExecutor(1) as beside:
            table = beside.submit(self._table, publication, page)
            reading.faults += self._shelf_faults(shelf, wanted, reading)
            facts, faults = table.result()
        reading.faults += faults
        reading.faults += self._page_faults(publication, page, shelf, wanted, facts)
        reading.faults += self._search_faults(wanted, listed=publication.form is not Form.TOMBSTONE)
        if publication.form is not Form.RELEASE:
            reading.faults += self._remains(page)
        if self._speaks_dcat and publication.form is not Form.TOMBSTONE:
            reading.faults += self._access_faults(page, reading)
            reading.metadata = score_metadata([page_facts(page, reading.statuses)])
        return self._proof(publication, reading)

    def _ghost(self, page: Package | None) -> Iterator[str]:
        fault = ghost_fault(self._name, page, found_by_search(self._client, self._name, anonymous=True))
        if fault:
            yield fault

    def _proof(self, publication: Publication, reading: Reading) -> Proof:
        faults = tuple(reading.faults)
        return Proof("ckan", publication.dataset, reading.files, reading.bytes, faults, reading.metadata)

    def _access_faults(self, page: Package, reading: Reading) -> Iterator[str]:
        """Whether the pages open that DCAT leads to: of our resources it is the dataset's own."""
        for address in {str(one["access_url"]) for one in page.resources if by_role(one) and one.get("access_url")}:
            status = self._client.fetch(self._client.path_of(address)).status
            reading.statuses[address] = status
            if status != 200:
                yield f"the page {address} answers {status}"

    def _shelf_faults(self, shelf: Package | None, wanted: Wanted, reading: Reading) -> Iterator[str]:
        """The files of all listed releases, to the byte, and no others."""
        if shelf is None:
            if wanted.files:
                yield f"the dataset {self._shelf} is not there for readers"
            return
        for name in _other(owned_as_described(wanted.shelf, {}), owned(shelf, by_nothing)):
            yield f"{self._shelf}: {name} is not what the publication says"
        files = {file.key: file for file in wanted.files}
        listed = shelf.by_key(by_release)
        yield from (f"{self._shelf} lacks {key}" for key in files if key not in listed)
        addresses = {key: str(listed[key]["url"]) for key in files if key in listed}
        with ThreadPoolExecutor(ABREAST) as abreast:
            downloads = abreast.map(lambda address: download(self._client, address), addresses.values())
            for (key, address), got in zip(addresses.items(), downloads, strict=True):
                yield from self._file_faults(address, got, files[key], reading)
        counted = Counter(by_release(one) for one in shelf.resources if by_release(one))
        for key in sorted(counted - Counter(files.keys())):
            yield f"{self._shelf} lists {key} beside the publication's files"

    def _file_faults(self, address: str, got: Fetched, file: PublishedFile, reading: Reading) -> Iterator[str]:
        reading.files += 1
        reading.bytes += got.size
        reading.statuses[address] = got.status
        if got.status != 200:
            yield f"{file.key} can't be downloaded ({got.status})"
        elif (got.size, got.sha256) != (file.size, file.sha256):
            yield f"{file.key} has other bytes than the release"

    def _page_faults(
        self, publication: Publication, page: Package, shelf: Package | None, wanted: Wanted, facts: Mapping[str, str]
    ) -> Iterator[str]:
        """What the page says, and where its resources lead."""
        there, listed = page.by_key(by_role), shelf.by_key(by_release) if shelf else {}
        resources = {}
        for role, file in shown_files(publication, wanted.files).items():
            address = str(listed.get(file.key, {}).get("url", ""))
            resources[role] = {
                **wanted.page.resources[role],
                "url": address,
                "download_url": address,
                "access_url": there.get(role, {}).get("access_url"),
                **(facts if role == TABLE_ROLE else {}),
            }
        for name in _other(owned_as_described(wanted.page, resources), owned(page, by_role)):
            yield f"{name} is not what the publication says"
        if there:
            yield from self._address_faults(page, next(iter(there.items())))

    def _address_faults(self, page: Package, first: tuple[str, Mapping[str, object]]) -> Iterator[str]:
        role, resource = first
        got = self._client.fetch(f"/dataset/{page.id}/resource/{resource['id']}/download")
        if got.location != resource["url"]:
            yield f"the stable address of {role} leads to {got.location or got.status}"

    def _table(self, publication: Publication, page: Package) -> tuple[dict[str, str], list[str]]:
        """What the table's resource shall say, and what is wrong with the table; called by another thread."""
        resource = page.by_key(by_role).get(TABLE_ROLE)
        if publication.release is None or resource is None:
            return {}, []
        with open_release(publication.release, publication) as release:
            faults = table_faults(self._client, str(resource["id"]), release)
            return facts_of(release), faults

    def _search_faults(self, wanted: Wanted, *, listed: bool) -> Iterator[str]:
        """What the search says; it may lag behind a little."""
        while True:
            found = found_by_search(self._client, self._name, anonymous=True)
            if [one.extras.get(DIGEST) for one in found] == [wanted.digest]:
                return
            if not self._lag.wait():
                break
        yield f"the search finds {len(found)} datasets {self._name}, and should find one, as it was published"

    def _remains(self, page: Package) -> Iterator[str]:
        """What of recalled data anybody can still have, by any way that once led to it."""
        written = page.extras.get(RECALLED)
        for one in json.loads(written) if written else ():
            kind, _, where = one.partition(" ")
            yield from self._remaining_table(where) if kind == "table" else self._remaining_file(where)

    def _remaining_file(self, address: str) -> Iterator[str]:
        got = self._client.fetch(self._client.path_of(address))
        if got.status not in _GONE:
            yield f"{address} still answers {got.status}"

    def _remaining_table(self, resource: str) -> Iterator[str]:
        try:
            self._client.read("datastore_search", {"resource_id": resource, "limit": 0}, anonymous=True)
            yield f"the DataStore still has the table {resource}"
        except NotFound:
            pass
        got = self._client.fetch(f"/datastore/dump/{resource}")
        if got.status not in _GONE:
            yield f"the dump of {resource} still answers {got.status}"
