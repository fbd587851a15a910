"""The static portal as a target: versions lie aside, and one symbolic link per dataset says which one readers see.

dataset/<id>  ──▶  ../versions/<id>/<16 hex of the publication's digest>/
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.handover import Difference, Form, Preflight, Proof, Publication, Receipt, Release, Standing
from pipelines.home import to_disk
from pipelines.targets.release_files import SUMS, read_sums
from pipelines.targets.static.about import dataset_address, read_about, standing_of
from pipelines.targets.static.dataset_files import made_files
from pipelines.targets.static.digest import digest_of
from pipelines.targets.static.files import (
    copy_file,
    link_or_copy,
    outside_failures,
    point_link,
    sha256_of,
    sync_tree,
    write_file,
)
from pipelines.targets.static.prove import dataset_reading, prove_publication
from pipelines.targets.static.site import write_assets, write_site
from resource_catalog.agency import Agency
from resource_catalog.errors import OutsideError


class StaticPortal:
    """A folder that any web server serves (INTERFACE.md, "The static portal").

    Args:
        folder: The portal's root, made where it is missing.
        base_url: Address under which the folder is served, ending with "/"; stands in feeds, DCAT and code only.
    """

    name = "static"
    abreast = 1

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder
        self.base_url = base_url if base_url.endswith("/") else f"{base_url}/"

    def preflight(self) -> Preflight:
        """A folder is fit until a write to it fails, which names the disk."""
        return Preflight(self.name)

    def standing(self, dataset: str) -> Standing | None:
        """What the portal shows for a dataset now, by its own about.json; None where it shows nothing."""
        with outside_failures(self.folder):
            about = read_about(self._link(dataset))
        return standing_of(about) if about else None

    def digest(self, publication: Publication) -> str:
        """The digest of what the publication would show; reads no data and writes nothing."""
        return digest_of(publication, self.base_url)

    def stage(self, publication: Publication) -> Path:
        """Write the publication's version aside and verify it; where readers see just that already, nothing is written.

        Raises:
            OutsideError: a release's bytes are not those of its SHA256SUMS, or the disk failed.
        """
        digest = self.digest(publication)
        with outside_failures(self.folder):
            current = self._current(publication.dataset)
            if current and not dataset_reading(self.folder, publication, digest, self.base_url).faults:
                return current
            shelf = self.folder / "versions" / publication.dataset
            draft = shelf / ".draft"
            shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
            draft.mkdir(parents=True)
            self._fill(draft, publication, digest, current)
            write_assets(self.folder)
            return _shelve(draft, digest, current)

    def _fill(self, draft: Path, publication: Publication, digest: str, current: Path | None) -> None:
        if publication.form is Form.RELEASE:
            for release in publication.kept:
                name = str(release.number)
                _place_release(release, draft / name, current and current / name)
            if publication.release:
                _place_release(publication.release, draft / "latest", draft / str(publication.release.number))
        for name, content in made_files(publication, digest, self.base_url, draft).items():
            write_file(draft / name, content)
        sync_tree(draft)

    def switch(self, publication: Publication, staged: Path) -> Receipt:
        """Let readers see the staged version, in one step.

        The version before stays for readers in the middle of a download until the next switch; but where the dataset
        has no data any more, or lacks a release that it had, nothing of it stays.
        """
        with outside_failures(self.folder):
            before = self._current(publication.dataset)
            if before != staged:
                point_link(self._link(publication.dataset), staged)
            if publication.form is not Form.RELEASE or (before and _releases(before) - _releases(staged)):
                _clear(staged.parent, keep={staged})
            elif before != staged:
                _clear(staged.parent, keep={staged, before})
        return Receipt(
            target=self.name,
            dataset=publication.dataset,
            form=publication.form,
            release=publication.release.number if publication.release else None,
            digest=self.digest(publication),
            address=dataset_address(self.base_url, publication.dataset),
        )

    def refresh(self, agency: Agency) -> None:
        """Bring front page, search index, catalogue and feed in line with the datasets that the portal holds."""
        with outside_failures(self.folder):
            write_site(self.folder, agency, self.base_url)

    def prove(self, publication: Publication) -> Proof:
        """Re-read all that readers find for the dataset, and compare it with the publication to the byte.

        Where the dataset has no data any more, the whole portal is searched for it: by name, and by the bytes of the
        recalled releases, which are the publication's `kept` then.
        """
        with outside_failures(self.folder):
            return prove_publication(self.folder, publication, self.digest(publication), self.base_url)

    def abandon(self) -> None:
        """Nothing is waited for here."""

    def drift(self, publication: Publication) -> tuple[Difference, ...]:
        """What lies in the portal's folder otherwise than it was written; each file's sentence is its field."""
        faults = self.prove(publication).faults
        return tuple(Difference(self.name, publication.dataset, fault, "", "", "") for fault in faults)

    def _link(self, dataset: str) -> Path:
        return self.folder / "dataset" / dataset

    def _current(self, dataset: str) -> Path | None:
        """The version that readers see; None where there is none."""
        link = self._link(dataset)
        if not link.is_symlink():
            if link.exists():
                fix = "copy portals with their symbolic links, or remove that folder and publish again"
                raise OutsideError("a dataset's address is a folder and not a link", where=str(link), fix=fix)
            return None
        version = self.folder / "versions" / dataset / link.readlink().name
        return version if version.is_dir() else None


def _place_release(release: Release, place: Path, shown: Path | None) -> None:
    """Put the release's files into a version, and verify the bytes that lie there.

    What is `shown` already is shared by a hard link; the rest is copied, for the portal's bytes are its own: whatever
    happens to a folder that a web server sees, the store keeps the release.
    """
    for path, expected in read_sums(release).items():
        if shown and (shown / path).is_file() and sha256_of(shown / path) == expected:
            link_or_copy(shown / path, place / path)
            continue
        copy_file(release.folder / path, place / path)
        if sha256_of(place / path) != expected:
            what = f"release {release.number} of {release.dataset} has other bytes than its SHA256SUMS says"
            fix = "put the release's folder back from its backup, or withdraw the dataset"
            raise OutsideError(what, where=str(release.folder / path), fix=fix)
    copy_file(release.folder / SUMS, place / SUMS)


def _releases(version: Path) -> set[str]:
    return {path.name for path in version.iterdir() if path.name.isdigit()}


def _shelve(draft: Path, digest: str, current: Path | None) -> Path:
    """Give a finished draft its name, which is never that of the version that readers see."""
    name = digest.removeprefix("sha256:")[:16]
    version = draft.with_name(name)
    if version == current:  # the same publication, of which something was lost: it is healed beside
        version = draft.with_name(f"{name}-healed")
    if version.exists():
        shutil.rmtree(version)
    draft.rename(version)
    to_disk(version.parent)
    return version


def _clear(shelf: Path, keep: set[Path | None]) -> None:
    for version in sorted(shelf.iterdir()):
        if version not in keep:
            shutil.rmtree(version)
