"""Code lists as CSV: what a column's codes mean and from when to when each holds, in one file for all schemas."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import Code, SchemaField, TableSchema

COLUMNS = ("code", "label", "label_en", "valid_from", "valid_to", "source")
#: Where a list is looked for, below the folder of the schemas.
FOLDER = "code-lists"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class CodeList:
    """The rows of one list in the file's order; a code may stand in several, for times that don't overlap."""

    file: Path
    codes: tuple[Code, ...]

    @property
    def distinct(self) -> tuple[str, ...]:
        """Every code once, in the file's order."""
        return tuple(dict.fromkeys(code.code for code in self.codes))


def code_list_file(schemas_dir: Path, name: str) -> Path:
    """The file of a code list beside the schemas of a folder.

    Raises:
        WorkspaceError: the name is none that a file of that folder can have.
    """
    if not _NAME.fullmatch(name):
        fix = "use small ASCII letters, digits, '-', '_' and '.'"
        raise WorkspaceError(f"{name!r} is no name of a code list", where=str(schemas_dir / FOLDER), fix=fix)
    return schemas_dir / FOLDER / f"{name}.csv"


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise WorkspaceError("there is no such code list", where=str(file), fix="write it, or name another") from error
    except (OSError, UnicodeDecodeError) as error:
        fix = "save it as CSV in UTF-8"
        raise WorkspaceError(f"the code list can't be read: {error}", where=str(file), fix=fix) from error


def _check_headings(headings: list[str], where: str) -> None:
    missing = [name for name in COLUMNS if name not in headings]
    unknown = [name for name in headings if name not in COLUMNS]
    if missing or unknown or len(headings) != len(COLUMNS):
        lacks = f"; it lacks {', '.join(missing)}" if missing else ""
        beyond = f"; unknown: {', '.join(map(repr, unknown))}" if unknown else ""
        what = f"the code list's columns are {', '.join(headings) or 'none'}{lacks}{beyond}"
        raise WorkspaceError(what, where=where, fix=f"give it the columns {', '.join(COLUMNS)}, each once")


def _records(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(file and line, cells by column)."""
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    line = 1
    try:
        headings = next(reader, [])
        _check_headings(headings, f"{file}, line 1")
        line = reader.line_num + 1
        for cells in reader:
            where, line = f"{file}, line {line}", reader.line_num + 1
            if len(cells) != len(headings):
                what = f"the row has {len(cells)} cells where the headings have {len(headings)}"
                raise WorkspaceError(what, where=where, fix="mend the row, or delete it if it is blank")
            yield where, dict(zip(headings, cells, strict=True))
    except csv.Error as error:
        raise WorkspaceError(f"no CSV: {error}", where=f"{file}, line {line}", fix="mend the quotes") from error


def _day(column: str, text: str, where: str) -> datetime.date | None:
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        fix = "write it YYYY-MM-DD, or leave it empty where it is open"
        raise WorkspaceError(f"{column} {text!r} is no date", where=where, fix=fix) from error


def _code(cells: dict[str, str], where: str) -> Code:
    """One row; `source` is for who keeps the list and goes no further."""
    code = cells["code"]
    if not code or code != code.strip():
        what = f"the code {code!r} is empty or has spaces around it"
        raise WorkspaceError(what, where=where, fix="write the code as the data has it")
    first, last = (_day(column, cells[column], where) for column in ("valid_from", "valid_to"))
    if first and last and last < first:
        what = f"the code {code} is valid to {last}, which is before its first day {first}"
        raise WorkspaceError(what, where=where, fix="mend valid_from or valid_to")
    return Code(code=code, label=cells["label"], label_en=cells["label_en"], valid_from=first, valid_to=last)


def _check_overlaps(rows: list[tuple[str, Code]]) -> None:
    """The validities of one code may touch, and not overlap: else the code would mean two things on one day."""
    ordered = sorted(rows, key=lambda row: (row[1].code, row[1].valid_from or datetime.date.min))
    for (other, earlier), (where, later) in pairwise(ordered):
        ends, begins = earlier.valid_to or datetime.date.max, later.valid_from or datetime.date.min
        if earlier.code == later.code and begins <= ends:
            what = f"the code {later.code} has two rows whose validities overlap; the other is {other}"
            raise WorkspaceError(what, where=where, fix="end the one before the other begins; valid_to is a last day")


def read_code_list(file: Path) -> CodeList:
    """The code list in a CSV file: UTF-8, RFC 4180, the columns of COLUMNS in any order, dates YYYY-MM-DD or empty.

    Raises:
        WorkspaceError: it is missing or malformed, or one code's validities overlap; `where` has file and line.
    """
    rows = [(where, _code(cells, where)) for where, cells in _records(file)]
    if not rows:
        raise WorkspaceError("the code list has no code", where=str(file), fix="add its codes")
    _check_overlaps(rows)
    return CodeList(file, tuple(code for _, code in rows))


def _contradiction(field: SchemaField, listed: CodeList) -> str:
    own = field.constraints.enum
    if own is not None and {str(item) for item in own} != set(listed.distinct):
        differing = sorted({str(item) for item in own} ^ set(listed.distinct))
        return f"its enum and its code list {field.code_list} differ in {', '.join(differing[:12])}"
    if field.codes and field.codes != listed.codes:
        return f"its codes are not those of its code list {field.code_list}"
    return ""


def _with_codes(field: SchemaField, listed: CodeList, where: str) -> SchemaField:
    if field.type not in ("string", "integer", "any"):
        what = f"a code list needs a field of type string or integer, and this one is {field.type}"
        raise WorkspaceError(what, where=f"{where}, field {field.name}", fix="change the type, or drop the list")
    contradiction = _contradiction(field, listed)
    if contradiction:
        fix = "delete what the schema says itself: the list is enough"
        raise WorkspaceError(contradiction, where=f"{where}, field {field.name}", fix=fix)
    constraints = field.constraints.model_copy(update={"enum": listed.distinct})
    changes: dict[str, Any] = {"constraints": constraints, "codes": listed.codes}
    return field.model_copy(update=changes)


def with_code_lists(schema: TableSchema, schema_file: Path) -> TableSchema:
    """The schema with the codes of its code lists, which lie beside its file: `codes`, and their codes as `enum`.

    Raises:
        WorkspaceError: a list can't be read, or the schema contradicts it.
    """
    if not any(field.code_list for field in schema.fields):
        return schema
    fields = tuple(
        _with_codes(field, read_code_list(code_list_file(schema_file.parent, field.code_list)), str(schema_file))
        if field.code_list
        else field
        for field in schema.fields
    )
    return schema.model_copy(update={"fields": fields})
