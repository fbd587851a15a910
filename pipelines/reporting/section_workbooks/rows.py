"""The bad rows of a checked table, read from its work database in the source's order and in bounded memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.engines.duck import open_work, quote_name
from pipelines.handover import Inspection
from pipelines.reporting.section_workbooks.worklist import Fault, Line, key_of
from quality.finding import Finding
from quality.masking import hidden, masked, personal, without_long_numbers
from quality.personal_text import kinds_in
from quality.rules.catalogue import RULES
from quality.rules.primary_key import RULE as PRIMARY_KEY
from quality.rules.rule import Rule
from quality.table import BAD_CELLS, EXTRACT, ROW

#: Row numbers that are read at a time.
_WINDOW = 10_000
#: Rows without a key that are told from their equals, beside those that are asked for.
_TRACKED = 10_000

#: Positions of the checks that a row breaks, and beside each the bad column, as EXTRACT names it.
_Marked = tuple[tuple[int, ...], tuple[str, ...]]
_Marks = Mapping[int, _Marked]


@dataclass
class _Ordinals:
    """Which of its equals a row without a key is; bounded, so that ten million such rows need no memory of each."""

    wanted: Collection[str]
    seen: dict[str, int] = field(default_factory=dict)

    def next(self, digest: str) -> int:
        if digest not in self.seen and digest not in self.wanted and len(self.seen) >= _TRACKED:
            return 0
        ordinal = self.seen.get(digest, 0)
        self.seen[digest] = ordinal + 1
        return ordinal


def headings_of(inspection: Inspection) -> tuple[str, ...]:
    """The columns of a table as the source names them."""
    written, names = inspection.extract.source_headings, set(inspection.schema.names)
    return tuple(
        written.get(heading, heading if heading in names else without_long_numbers(heading))
        for heading in inspection.extract.headings
    )


def bad_columns(inspection: Inspection, line: Line) -> dict[int, list[Fault]]:
    """Position of a column of the line's cells → the faults in it."""
    positions = {heading: position for position, heading in enumerate(headings_of(inspection))}
    found: dict[int, list[Fault]] = defaultdict(list)
    for fault in line.faults:
        for column in fault.columns:
            if column in positions:
                found[positions[column]].append(fault)
    return found


def count_bad_rows(inspection: Inspection) -> tuple[int, int]:
    """(rows with a fault, faults in them) of a marked table; a key of several columns is one fault."""
    with open_work(inspection.extract.database) as connection:
        rows, faults = connection.execute(
            f'SELECT count(DISTINCT bad."row"), count(DISTINCT (bad."row", bad.outcome)) FROM {BAD_CELLS} AS bad '
            f'SEMI JOIN {EXTRACT} AS read ON read."{ROW}" = bad."row"'
        ).fetchone() or (0, 0)
    return rows, faults


def rows_at_hand(inspection: Inspection, numbers: Collection[int]) -> set[int]:
    """Which of these rows the table has: one that was passed over in reading is not there."""
    with open_work(inspection.extract.database) as connection:
        found = connection.execute(
            f'SELECT "{ROW}" FROM {EXTRACT} WHERE "{ROW}" IN (SELECT unnest(?))', [list(numbers)]
        ).fetchall()
    return {number for (number,) in found}


def bad_rows(inspection: Inspection, wanted: Collection[str] = ()) -> Iterator[Line]:
    """The rows of a marked table that broke a rule, ascending, each with all of its faults.

    Args:
        inspection: The table.
        wanted: How rows look that are asked for: these are told from their equals however many rows there are.
    """
    ordinals, columns = _Ordinals(frozenset(wanted)), _columns(inspection)
    with open_work(inspection.extract.database) as connection:
        known: dict[_Marked, tuple[Fault, ...]] = {}  # most rows are bad in one of a few ways
        low: int | None = _first_from(connection, 0)
        while low is not None:
            high = low + _WINDOW
            known = known if len(known) < _WINDOW else {}
            marks = _marks(connection, low, high)
            for number, *cells in _cells(connection, inspection, low, high):
                if marks[number] not in known:
                    known[marks[number]] = _faults(inspection, marks[number])
                faults = known[marks[number]]
                key = _key(columns, cells, faults, ordinals)
                yield Line(inspection.extract.entry.id, key, faults, number, columns.shown(cells))
            low = _first_from(connection, high)


def _first_from(connection: duckdb.DuckDBPyConnection, low: int) -> int | None:
    found = connection.execute(f'SELECT min("row") FROM {BAD_CELLS} WHERE "row" >= ?', [low]).fetchone()
    return found[0] if found else None


def _marks(connection: duckdb.DuckDBPyConnection, low: int, high: int) -> _Marks:
    cells = f'SELECT DISTINCT "row", outcome, "column" FROM {BAD_CELLS} WHERE "row" >= ? AND "row" < ?'
    checks, columns = (f'list({name} ORDER BY outcome, "column")' for name in ("outcome", '"column"'))
    query = f'SELECT "row", {checks}, {columns} FROM ({cells}) GROUP BY "row"'
    rows = connection.execute(query, [low, high]).fetchall()
    return {row: (tuple(outcomes), tuple(names)) for row, outcomes, names in rows}


def _cells(connection: duckdb.DuckDBPyConnection, inspection: Inspection, low: int, high: int) -> list[tuple[Any, ...]]:
    columns = ", ".join(quote_name(heading) for heading in inspection.extract.headings)
    bad = f'SELECT "row" FROM {BAD_CELLS} WHERE "row" >= ? AND "row" < ?'
    query = f'SELECT "{ROW}", {columns} FROM {EXTRACT} WHERE "{ROW}" >= ? AND "{ROW}" < ? AND "{ROW}" IN ({bad})'
    return connection.execute(f"{query} ORDER BY 1", [low, high, low, high]).fetchall()


@dataclass(frozen=True)
class _Columns:
    """What is settled once for all rows: which columns are masked, their titles, where a public key stands."""

    hidden: tuple[bool, ...]
    titles: tuple[str, ...]
    key: tuple[int, ...]

    def shown(self, cells: Sequence[str | None]) -> tuple[str | None, ...]:
        return tuple(map(_shown, cells, self.hidden, self.titles))


def _shown(cell: str | None, hide: bool, title: str) -> str | None:
    """A cell as its section may see it: what stands in an open text may still be a person's number."""
    if not cell:
        return cell
    if hide:
        return masked(cell)
    return hidden(cell) if kinds_in(cell, title) else cell


def _columns(inspection: Inspection) -> _Columns:
    names, schema = inspection.extract.headings, inspection.schema
    fields = {known.name: known for known in schema.fields}
    # What the schema does not know may be anything.
    closed = tuple(name not in fields or personal(fields[name]) for name in names)
    titles = tuple(fields[name].title or name if name in fields else name for name in names)
    public = all(name in names and not closed[names.index(name)] for name in schema.primary_key)
    return _Columns(closed, titles, tuple(map(names.index, schema.primary_key)) if public else ())


def _faults(inspection: Inspection, marked: _Marked) -> tuple[Fault, ...]:
    written = inspection.extract.source_headings
    bad: dict[int, list[str]] = {}
    for position, name in zip(*marked, strict=True):
        bad.setdefault(position, []).extend([written.get(name, name)] if name else [])
    return tuple(Fault(inspection.checks[position].rule, tuple(names)) for position, names in bad.items())


def _key(columns: _Columns, cells: Sequence[str | None], faults: Sequence[Fault], ordinals: _Ordinals) -> str:
    primary = [cells[position] for position in columns.key]
    if primary and all(primary) and not any(fault.rule.code == PRIMARY_KEY.code for fault in faults):
        return key_of("k", primary)
    digest = key_of("r", columns.shown(cells)).partition(".")[0]
    return f"{digest}.{ordinals.next(digest)}"


def lines_of_no_row(dataset: str, findings: Iterable[Finding]) -> list[Line]:
    """Faults of the whole file, of a column, and of rows that are not in the table, a line each."""
    seen: Counter[str] = Counter()
    lines = []
    for finding in findings:
        place = [finding.rule, finding.sheet, str(finding.row), finding.column]
        digest = key_of("f", place)
        fault = Fault(_rule_of(finding), (finding.column,) if finding.column else ())
        said = f"{finding.place}: {finding.message}" if finding.place else finding.message
        lines.append(Line(dataset, key_of("f", place, seen[digest]), (fault,), detail=said))
        seen[digest] += 1
    return lines


def _rule_of(finding: Finding) -> Rule:
    """The finding's rule; of one that no table has, what the finding says of it."""
    code = finding.rule
    return RULES.get(code) or Rule(code, code, code, "{value}", finding.fix, "", finding.severity)
