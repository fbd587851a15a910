"""Templates, styles and scripts that come with the package, found as package data and named by their content."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from importlib import resources

PACKAGE = "pipelines.targets.static"


@functools.cache
def template_source(name: str) -> str:
    """The text of a template."""
    return (resources.files(PACKAGE) / "templates" / name).read_text(encoding="utf-8")


@functools.cache
def assets() -> Mapping[str, bytes]:
    """The assets by their published names `<stem>.<12 hex of the content>.<ending>`."""
    published = {}
    for file in sorted((resources.files(PACKAGE) / "assets").iterdir(), key=lambda file: file.name):
        content = file.read_bytes()
        stem, _, ending = file.name.rpartition(".")
        published[f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"] = content
    return published


@functools.cache
def asset_names() -> Mapping[str, str]:
    """Source name → published name, as templates need it."""
    short = {}
    for name in assets():
        stem, _, rest = name.partition(".")
        short[f"{stem}.{rest.rpartition('.')[2]}"] = name
    return short


@functools.cache
def fingerprint() -> str:
    """SHA-256 over all that decides how a page looks: the code of this package and of what it shares, its files.

    A new release of the program that renders otherwise thereby renews the pages, and one that doesn't, doesn't.
    """
    digest = hashlib.sha256()
    root = resources.files(PACKAGE)
    shared = resources.files("pipelines.targets")
    for folder, endings in ((shared, ".py"), (root, ".py"), (root / "templates", ".j2"), (root / "assets", "")):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.is_file() and file.name.endswith(endings):
                digest.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
