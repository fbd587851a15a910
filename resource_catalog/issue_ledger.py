"""数据质量问题台账: what the self-check found, kept over runs in the form of standards.md 5, D13.

Given the same file again, an issue that is still there keeps the day it was found, and one that is gone gets the day it
was found mended. What an officer wrote, in rows of the officer's own too, stays.
"""

from __future__ import annotations

import csv
import datetime
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resource_catalog.errors import OutsideError, UsageError, WorkspaceError
from resource_catalog.fault_rules import FAULT_RULES
from resource_catalog.issues import Issue
from resource_catalog.template_workbook import open_workbook, read_sheet, write_workbook

HEADINGS = (
    "issue_id", "resource_code", "rule", "evidence", "severity", "found_on", "owner", "due_on", "fixed_on",
    "verified_by",
)  # fmt: skip
SHEET = "数据质量问题台账"
#: Our own issues; one that comes back after it was mended is a row of its own, numbered from 2.
_OURS = re.compile(r"(WT[0-9a-f]{12})(?:-([0-9]+))?")

Row = dict[str, str]


@dataclass(frozen=True)
class IssueLedger:
    """The rows in their order; the headings are those of the form, and what else the file has."""

    rows: tuple[Row, ...] = ()
    headings: tuple[str, ...] = HEADINGS


def _refuse_ending(path: Path) -> None:
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageError("a ledger of issues is a .csv or .xlsx file", where=str(path), fix="name one of these")


def _read_csv(path: Path) -> tuple[list[str], list[Row]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")  # as a spreadsheet program on a Chinese system saves it
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    headings = lines[0] if lines else []
    for number, cells in enumerate(lines[1:], 2):
        if cells and len(cells) != len(headings):
            what = f"row {number} has {len(cells)} cells, and the headings are {len(headings)}"
            raise WorkspaceError(what, where=str(path), fix="save the file again as CSV")
    return headings, [dict(zip(headings, cells, strict=True)) for cells in lines[1:] if cells]


def _read_xlsx(path: Path) -> tuple[list[str], list[Row]]:
    sheets = open_workbook(path)
    sheet = sheets.get(SHEET) or next(iter(sheets.values()))
    known = {str(value).strip() for row in sheet.iter_rows(max_row=10, values_only=True) for value in row if value}
    read = read_sheet(sheet, known=known, marks=HEADINGS, numeric=())
    if read.faults:
        first = read.faults[0]
        place = f"{path} › {first.sheet} › row {first.row} › {first.column}"
        raise WorkspaceError(first.message, where=place, fix=first.fix)
    rows = [row.cells for row in read.rows]
    return list(rows[0]) if rows else list(HEADINGS), rows


def read_issue_ledger(path: Path) -> IssueLedger:
    """The ledger in a file; an empty one where there is no such file yet.

    Raises:
        UsageError: the file's ending is neither .csv nor .xlsx.
        WorkspaceError: it can't be read, lacks a column, or has a date that is none.
    """
    _refuse_ending(path)
    if not path.exists():
        return IssueLedger()
    try:
        headings, rows = (_read_csv if path.suffix.lower() == ".csv" else _read_xlsx)(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkspaceError(f"it can't be read: {error}", where=str(path), fix="save it again") from error
    missing = [heading for heading in HEADINGS if heading not in headings]
    if missing:
        raise WorkspaceError(f"it lacks the columns {', '.join(missing)}", where=str(path), fix="add them")
    for number, row in enumerate(rows, 1):
        _refuse_dates(path, number, row)
    return IssueLedger(tuple(rows), tuple(headings))


def _refuse_dates(path: Path, number: int, row: Row) -> None:
    for heading in ("found_on", "due_on"):
        if _OURS.fullmatch(row["issue_id"]) and not _is_date(row[heading]):
            place = f"{path} › issue {number} › {heading}"
            raise WorkspaceError(f"{row[heading]!r} is no date", where=place, fix="write YYYY-MM-DD")


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and _parsed(text) is not None


def _parsed(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def write_issue_ledger(ledger: IssueLedger, path: Path) -> None:
    """Write the ledger, whole or not at all; CSV with a byte order mark, by which spreadsheets know that it is UTF-8.

    Raises:
        UsageError: the file's ending is neither .csv nor .xlsx.
        OutsideError: the disk refuses it.
    """
    _refuse_ending(path)
    cells = [[row.get(heading, "") for heading in ledger.headings] for row in ledger.rows]
    fresh = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        if path.suffix.lower() == ".csv":
            with fresh.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([ledger.headings, *cells])
        else:
            write_workbook(fresh, [(SHEET, ledger.headings, cells)])
        fresh.replace(path)
    except OSError as error:
        what = f"the ledger of issues can't be written: {error.strerror or error}"
        raise OutsideError(what, where=str(path), fix="name another file, or mend that") from error
    finally:
        fresh.unlink(missing_ok=True)


def _row(issue: Issue, issue_id: str) -> Row:
    return {
        "issue_id": issue_id,
        "resource_code": issue.code,
        "rule": issue.fault.rule,
        "evidence": f"{issue.place} {issue.fault.message}",
        "severity": issue.fault.severity,
        "found_on": issue.found_on.isoformat(),
        "owner": issue.owner,
        "due_on": issue.due_on.isoformat(),
        "fixed_on": "",
        "verified_by": "",
    }


def _still_open(row: Row, issue: Issue) -> Row:
    """The row of an issue that is still there: its dates and its owner stay, what it says is renewed."""
    fresh = _row(issue, row["issue_id"])
    kept = {key: row[key] for key in ("found_on", "due_on", "verified_by")}
    return {**row, **fresh, **kept, "owner": row["owner"] or issue.owner}


def _next_id(issue: Issue, rows: Sequence[Row]) -> str:
    """The issue's id, numbered where rows of it were mended before."""
    numbers = [
        int(found[2] or 1) for row in rows if (found := _OURS.fullmatch(row["issue_id"])) and found[1] == issue.id
    ]
    return f"{issue.id}-{max(numbers) + 1}" if numbers else issue.id


def enter(
    ledger: IssueLedger, issues: Iterable[Issue], today: datetime.date, judged: Callable[[Row], bool]
) -> tuple[IssueLedger, tuple[Issue, ...]]:
    """The ledger with this run's issues entered, and the issues with the days and the owner that the ledger has.

    Args:
        ledger: As it was.
        issues: All that this run found.
        today: The day that what is gone was found mended.
        judged: Whether this run would have found a row's issue if it were still there.
    """
    waiting = {issue.id: issue for issue in issues}
    dated: dict[str, Issue] = {}
    rows: list[Row] = []
    for row in ledger.rows:
        found = _OURS.fullmatch(row["issue_id"])
        if not found or row["fixed_on"] or row["rule"] not in FAULT_RULES:
            rows.append(row)
        elif found[1] in waiting:
            issue = waiting[found[1]]
            rows.append(_still_open(row, issue))
            dated[issue.id] = replace(
                issue,
                owner=rows[-1]["owner"],
                found_on=datetime.date.fromisoformat(row["found_on"]),
                due_on=datetime.date.fromisoformat(row["due_on"]),
            )
        else:
            rows.append({**row, "fixed_on": today.isoformat()} if judged(row) else row)
    for issue in waiting.values():
        if issue.id not in dated:
            rows.append(_row(issue, _next_id(issue, ledger.rows)))
    return replace(ledger, rows=tuple(rows)), tuple(dated.get(key, issue) for key, issue in waiting.items())
