"""How a source's headings meet a schema's fields: by the entry's word, by name, by title; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from pipelines.engines.duck import quote_name
from pipelines.sources.reading import UnreadableError, as_duckdb_compares
from quality.finding import Finding
from quality.rules import reading as rules
from quality.table import EXTRACT, EXTRACT_AS_READ, ROW
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import SchemaField


@dataclass(frozen=True)
class Expected:
    """The fields that a source should have: their names in order, and the headings that they may have there.

    `columns` is the entry's own word, heading → field; `titles` has the fields of each title.
    """

    names: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def certain(self, heading: str) -> str | None:
        """The field that a heading stands for whatever the other headings are: by the entry's word, or by name."""
        return self.columns.get(heading) or (heading if heading in self.names else None)

    def met(self, headings: Iterable[str]) -> int:
        """How many of the fields a row of headings has; by that a table's header row and dialect are known."""
        found: set[str] = set()
        for heading in headings:
            certain = self.certain(heading)
            found.update((certain,) if certain else self.titles.get(heading, ()))
        return len(found)


def expect(fields: Sequence[SchemaField], columns: Mapping[str, str]) -> Expected:
    """What to look for in a source.

    Args:
        fields: The schema's fields; none where no schema is known.
        columns: The entry's `source.columns`, heading → field name.

    Raises:
        WorkspaceError: `columns` names a field that the schema lacks.
    """
    names = tuple(each.name for each in fields)
    for heading, name in columns.items():
        if name not in names:
            raise WorkspaceError(
                f"the heading {heading!r} leads to the field {name!r}, which the schema lacks",
                where="source.columns",
                fix=f"name one of its fields: {', '.join(names)}",
            )
    titles: dict[str, tuple[str, ...]] = {}
    for each in fields:
        if each.title:
            titles[each.title] = (*titles.get(each.title, ()), each.name)
    return Expected(names, columns, titles)


def _collisions(columns: Mapping[str, str], sheet: str) -> Iterator[Finding]:
    """Headings that lead to one field, and to the column that numbers the rows."""
    first: dict[str, str] = {}
    for heading, column in columns.items():
        key = as_duckdb_compares(column)
        if key == ROW:
            yield rules.RESERVED_HEADING.finding(sheet=sheet, column=heading)
        elif key in first:
            yield rules.AMBIGUOUS_HEADING.finding(sheet=sheet, column=heading, other=first[key], field=column)
        else:
            first[key] = heading


def meet(headings: Sequence[str], expected: Expected, sheet: str = "") -> dict[str, str]:
    """Per heading the column that it becomes: the name of its field, or itself where it leads to none.

    A heading leads to a field by `columns`, by being the field's name, or by being its title where no other heading
    leads there and no other field has that title.

    Raises:
        UnreadableError: two headings lead to one field, or a heading is the title of two; a finding each.
    """
    columns: dict[str, str] = {}
    faults: list[Finding] = []
    taken = {expected.certain(heading) for heading in headings}
    for heading in headings:
        titled = expected.titles.get(heading, ())
        certain = expected.certain(heading)
        free = [name for name in titled if name not in taken] if certain is None else []
        if free and len(titled) > 1:
            faults.append(rules.AMBIGUOUS_TITLE.finding(sheet=sheet, column=heading, fields=" and ".join(titled)))
        columns[heading] = certain or next(iter(free), heading)
    faults += _collisions(columns, sheet)
    if faults:
        raise UnreadableError(*faults)
    return columns


def rename_columns(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Give the columns of EXTRACT, named by heading, their new names; the row number stays in front."""
    view = "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND view_name = ?"
    found = connection.execute(view, [EXTRACT]).fetchone()
    renamed = "".join(f", {quote_name(heading)} AS {quote_name(column)}" for heading, column in columns.items())
    connection.execute(f"ALTER {'VIEW' if found else 'TABLE'} {EXTRACT} RENAME TO {EXTRACT_AS_READ}")
    connection.execute(f"CREATE VIEW {EXTRACT} AS SELECT {quote_name(ROW)}{renamed} FROM {EXTRACT_AS_READ}")
