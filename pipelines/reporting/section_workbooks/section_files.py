"""The folder of the sections' workbooks: what came back is read, the new ones are written, nothing is overwritten."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl

from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.section_workbooks.follow_up import FollowUp, Outcome, follow_up
from pipelines.reporting.section_workbooks.layout import OVERVIEW, file_names, sheet_names
from pipelines.reporting.section_workbooks.overview import fill_overview
from pipelines.reporting.section_workbooks.returned import Returned
from pipelines.reporting.section_workbooks.rows import bad_rows, count_bad_rows, lines_of_no_row, rows_at_hand
from pipelines.reporting.section_workbooks.sheets import Assignment, Covering, fill_sheet, most_rows, new_sheet
from pipelines.reporting.section_workbooks.worklist import AnsweredLine, Carried, Line
from pipelines.reporting.whole_file import written_whole
from resource_catalog.errors import UsageError
from resource_catalog.template_workbook import timeless_copy

#: Folder below the workbooks' own in which those that came back are kept.
ANSWERED = "answered"


@dataclass(frozen=True)
class SectionResult:
    """What became of one section: its new workbook, where the one that came back is kept, and its faults, counted.

    `workbook` is None where there is nothing to mend. `waiting` are datasets that could not be judged now: with them
    the workbook that came back stays as it is, and no answer is lost.
    """

    section: str
    workbook: Path | None = None
    kept: Path | None = None
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()


def refuse_strangers(returned: Iterable[Returned], checked: Iterable[str]) -> None:
    """Refuse workbooks that list datasets which this check does not judge: their lines and answers would be lost.

    Raises:
        UsageError: there is one; the file and the line are named.
    """
    known = set(checked)
    for one in returned:
        for line in one.lines:
            if line.dataset not in known:
                raise UsageError(
                    f"the line is about the dataset {line.dataset!r}, which is not checked now",
                    where=f"{one.file.parent / line.place}",
                    fix="check it, too, or all of them; or move the workbook out of the folder",
                )


def write_section_workbooks(
    folder: Path,
    inspected: Sequence[InspectedDataset],
    returned: Sequence[Returned],
    covering: Covering,
) -> list[SectionResult]:
    """Write the workbooks of all sections that have something to mend, after what came back was held against it.

    A workbook that came back is copied to the folder's own `answered/` before anything takes its place.

    Args:
        folder: Where they go.
        inspected: All datasets of this check, marked (`pipelines.stages.check`).
        returned: The workbooks that lie there.
        covering: What each says of itself; the section is filled in.

    Raises:
        UsageError: a workbook that came back has the file name of another section's.
        OutsideError: the disk refuses a file.
    """
    sections: dict[str, list[InspectedDataset]] = {one.section: [] for one in returned}
    for one in sorted(inspected, key=lambda one: one.dataset):
        sections.setdefault(one.decision.owner, []).append(one)
    names = sorted(sections)
    files = {name: folder / f"{file}.xlsx" for name, file in zip(names, file_names(names), strict=True)}
    _refuse_mixed_up(returned, files)
    came_back = {one.section: one for one in returned}
    followed = {
        one.dataset: _followed(one, [line for book in returned for line in book.of(one.dataset)]) for one in inspected
    }
    return [
        _section(files[name], sections[name], came_back.get(name), followed, replace(covering, section=name))
        for name in names
    ]


def _refuse_mixed_up(returned: Iterable[Returned], files: Mapping[str, Path]) -> None:
    owners = {file: section for section, file in files.items()}
    for one in returned:
        owner = owners.get(one.file, one.section)
        if owner != one.section:
            what = f"the workbook is of the section {one.section!r}, and its name is that of {owner!r}"
            raise UsageError(what, where=str(one.file), fix=f"name it {files[one.section].name}")


@dataclass(frozen=True)
class _Followed:
    """A dataset with what it has to mend, and what became of what was asked; `judged` says whether that is known."""

    inspected: InspectedDataset
    assignment: Assignment
    counts: Mapping[Outcome, int]
    judged: bool


def _section(
    file: Path,
    own: Sequence[InspectedDataset],
    came_back: Returned | None,
    followed: Mapping[str, _Followed],
    covering: Covering,
) -> SectionResult:
    asked = {line.dataset for line in came_back.lines if line.dataset in followed} if came_back else set()
    waiting = tuple(dataset for dataset in sorted(asked) if not followed[dataset].judged)
    if came_back and came_back.answered and waiting:
        return SectionResult(covering.section, came_back.file, waiting=waiting)
    counts: Counter[Outcome] = Counter()
    for one in own:
        counts.update(followed[one.dataset].counts)
    to_mend = [followed[one.dataset] for one in own if one.quality.counts]
    kept = _replaced(file, came_back, to_mend, covering)
    counted = {outcome: counts[outcome] for outcome in Outcome if counts[outcome]}
    return SectionResult(covering.section, file if to_mend else None, kept, counted)


def _replaced(file: Path, came_back: Returned | None, to_mend: Sequence[_Followed], covering: Covering) -> Path | None:
    """Put the section's new workbook, if there is one, in the place of the old; where the old one is kept."""
    if not to_mend:
        kept = _keep(came_back.file) if came_back else None
    else:
        with written_whole(file, "a section's workbook") as aside:
            _write(aside, covering, to_mend)
            same = came_back is not None and _digest(aside) == _digest(came_back.file)
            kept = _keep(came_back.file) if came_back and not same else None
    if came_back and (not to_mend or came_back.file != file):
        came_back.file.unlink()
    return kept


def _can_judge(one: InspectedDataset, asked: Sequence[AnsweredLine]) -> bool:
    """Whether this check can say what became of the lines: of rows only if the rows could be read."""
    if one.decision.quality is None:
        return not asked
    return one.inspection is not None or not any(line.number is not None for line in asked)


def _followed(one: InspectedDataset, asked: Sequence[AnsweredLine]) -> _Followed:
    rows, faults = count_bad_rows(one.inspection) if one.inspection else (0, 0)
    elsewhere = tuple(_elsewhere(one))
    judged = _can_judge(one, asked)
    results = _results(one, asked, faults, elsewhere) if judged else ()
    counts: Counter[Outcome] = Counter()
    carried: dict[int | str, Carried] = {}
    for result in results:
        counts.update(result.counts)
        carried |= result.carried
    assignment = Assignment(one.dataset, one.decision.title, one.inspection, rows, elsewhere, carried)
    return _Followed(one, assignment, counts, judged)


def _results(
    one: InspectedDataset, asked: Sequence[AnsweredLine], faults: int, elsewhere: Sequence[Line]
) -> tuple[FollowUp, FollowUp]:
    """What became of the rows that were asked about, and of what is in no row."""
    of_rows = [line for line in asked if line.number is not None]
    if of_rows and one.inspection:
        of_row = follow_up(of_rows, bad_rows(one.inspection, {line.looks for line in of_rows}))
    else:
        of_row = FollowUp({Outcome.OPENED: faults} if faults else {})
    shown = Counter(line.faults[0].rule.code for line in elsewhere)
    complete = all(shown[code] >= count for code, count in one.quality.counts.items() if code in shown)
    others = [line for line in asked if line.number is None]
    return of_row, follow_up(others, iter(elsewhere), complete=complete)


def _elsewhere(one: InspectedDataset) -> list[Line]:
    """What was found and is in no row of the table: of the file, of a column, of a row that reading passed over."""
    rows = {finding.row for finding in one.quality.findings if finding.row is not None}
    there = rows_at_hand(one.inspection, rows) if one.inspection and rows else set()
    findings = [found for found in one.quality.findings if found.row is None or found.row not in there]
    return lines_of_no_row(one.dataset, findings)


def _write(file: Path, covering: Covering, to_mend: Sequence[_Followed]) -> None:
    workbook: Any = openpyxl.Workbook(write_only=True)
    overview = new_sheet(workbook, OVERVIEW)
    assignments = [one.assignment for one in to_mend]
    with_rows = [one for one in assignments if one.rows]
    names = sheet_names(one.title for one in with_rows)
    limit = most_rows(assignments)
    listed: dict[str, tuple[str, int]] = {}
    for one, name in zip(with_rows, names, strict=True):
        listed[one.dataset] = (name, fill_sheet(workbook, name, one, limit))
    fill_overview(overview, covering, assignments, {one.inspected.dataset: one.inspected for one in to_mend}, listed)
    with tempfile.TemporaryDirectory(prefix="opendata-") as scratch:
        raw = Path(scratch) / "raw.xlsx"
        workbook.save(raw)
        timeless_copy(raw, file)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _keep(file: Path) -> Path:
    """A copy of a workbook that came back, under its digest; the same copy is kept once."""
    kept = file.parent / ANSWERED / _digest(file)[:12] / file.name
    if not kept.exists():
        with written_whole(kept, "the copy of a returned workbook") as aside:
            shutil.copyfile(file, aside)
    return kept
