"""Which part of an XLSX archive holds what: its sheets and whether they are hidden, and what belongs to each."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.sources.workbook_survey import parse_xml


@dataclass(frozen=True)
class SheetPart:
    """A sheet: its name, the archive's part that holds it, and whether people see it."""

    name: str
    part: str
    hidden: bool


def relations(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """(id, kind, part) of what a part refers to inside the archive."""
    folder, name = posixpath.split(part)
    relations_part = f"{folder}/_rels/{name}.rels"
    found: list[tuple[str, str, str]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join(folder, attributes.get("Target", ""))).lstrip("/")
            found.append((attributes.get("Id", ""), posixpath.basename(attributes.get("Type", "")), target))

    if relations_part in archive.namelist():
        with archive.open(relations_part) as stream:
            parse_xml(stream, start=note, format="xlsx")
    return (relation for relation in found if relation[2] in archive.namelist())


def sheets(archive: zipfile.ZipFile) -> list[SheetPart]:
    """The sheets of a workbook that have a part, in order."""
    workbook = "xl/workbook.xml"
    declared: list[tuple[str, str, bool]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            declared.append((attributes.get("name", ""), attributes.get("id", ""), hidden))

    if workbook in archive.namelist():
        with archive.open(workbook) as stream:
            parse_xml(stream, start=note, format="xlsx")
    parts = {identifier: part for identifier, _kind, part in relations(archive, workbook)}
    return [SheetPart(name, parts[identifier], hidden) for name, identifier, hidden in declared if identifier in parts]
