"""Uploaded files as the portal keeps them, told by size and SHA-256: one answer in place of as many downloads."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ckan.lib.uploader import ResourceUpload, get_resource_uploader
from ckanext.release.columns import refused


def can_read_files() -> bool:
    """Whether uploads lie in a folder of this machine, where CKAN itself puts them."""
    return type(get_resource_uploader({})) is ResourceUpload


def describe_files(resource_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """By resource, `size` in bytes and `sha256` of its uploaded file; None where it has none.

    Raises:
        ValidationError: the portal keeps its files elsewhere.
    """
    if not can_read_files():
        raise refused("resources", "this portal's files lie where the plugin can't read them: download them")
    storage = get_resource_uploader({})
    return {one: _describe(Path(storage.get_path(one))) for one in resource_ids}


def _describe(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"size": file.tell(), "sha256": digest}
    except (FileNotFoundError, IsADirectoryError):
        return None
