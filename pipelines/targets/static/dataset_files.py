"""The files of a dataset's folder that are made here, beside the release's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipelines.handover import Form, Publication
from pipelines.targets.static.about import ABOUT, about, as_json
from pipelines.targets.static.dcat import dataset_document
from pipelines.targets.static.dictionary import public_schema
from pipelines.targets.static.pages import Shown, dataset_feed, dataset_page
from pipelines.targets.static.preview import read_preview
from resource_catalog.data_dictionary import dictionary_csv


def made_files(publication: Publication, digest: str, base_url: str, folder: Path) -> Mapping[str, bytes]:
    """The files by their names; the same publication gives the same bytes.

    Args:
        publication: What is to be shown.
        digest: The publication's digest.
        base_url: Address of the portal.
        folder: Folder of the dataset's version, where the releases' files lie already.
    """
    described = about(publication, digest)
    release = publication.release
    preview = read_preview(folder / "latest" / release.resource["path"]) if release else None
    shown = Shown(publication, described, base_url, folder, preview)
    files = {
        ABOUT: as_json(described),
        "index.html": dataset_page(shown),
        "feed.atom": dataset_feed(described, publication.agency, base_url),
    }
    if publication.form is Form.TOMBSTONE:
        return files
    files["dictionary.csv"] = dictionary_csv(public_schema(publication)).encode()
    files["dcat.jsonld"] = as_json(dataset_document(publication, base_url))
    if preview:
        files["preview.json"] = preview.as_json()
    return files
