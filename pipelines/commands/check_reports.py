"""The files that a check is told to write: a page, JUnit XML, and the sections' workbooks, with what came back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipelines.commands.wanted_files import Wanted
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.junit import junit_document
from pipelines.reporting.quality_report import render_quality_report
from pipelines.reporting.section_workbooks.follow_up import Outcome
from pipelines.reporting.section_workbooks.returned import Returned, read_returned
from pipelines.reporting.section_workbooks.section_files import (
    SectionResult,
    refuse_strangers,
    write_section_workbooks,
)
from pipelines.reporting.section_workbooks.sheets import Covering
from pipelines.reporting.whole_file import write_text_whole
from resource_catalog.agency import Agency
from resource_catalog.errors import UsageError


def read_answers(wanted: Wanted, datasets: Iterable[str]) -> list[Returned]:
    """The workbooks that came back, before the long work of checking begins; none where no folder was named.

    Args:
        wanted: Which files.
        datasets: What will be checked.

    Raises:
        UsageError: a workbook is not as it was sent, or lists other datasets; or a named file is a folder.
    """
    for option, file in (("--report", wanted.report), ("--junit", wanted.junit)):
        if file and file.is_dir():
            raise UsageError("this is a folder", where=str(file), fix=f"name a file with {option}")
    returned = read_returned(wanted.workbooks) if wanted.workbooks else []
    refuse_strangers(returned, datasets)
    return returned


def write_reports(
    wanted: Wanted,
    returned: Sequence[Returned],
    inspected: Sequence[InspectedDataset],
    *,
    agency: Agency,
    at: datetime.datetime,
    command: str,
) -> list[SectionResult]:
    """Write the files; what became of each section's workbook.

    Args:
        wanted: Which files.
        returned: What `read_answers` gave.
        inspected: The datasets of this check, marked where workbooks are wanted.
        agency: Whose they are.
        at: When the check ran.
        command: What was asked for.

    Raises:
        UsageError: a workbook that came back has the file name of another section's.
        OutsideError: the disk refuses a file.
    """
    results: list[SectionResult] = []
    if wanted.workbooks:
        covering = Covering("", agency.name, at.date(), wanted.due)
        results = write_section_workbooks(wanted.workbooks, inspected, returned, covering)
    if wanted.report:
        page = render_quality_report(agency=agency, at=at, command=command, inspected=inspected)
        write_text_whole(wanted.report, page, "the quality report")
    if wanted.validations:
        _save_validations(inspected, wanted.validations)
    if wanted.junit:
        write_text_whole(wanted.junit, junit_document(inspected), "the JUnit report")
    return results


def _save_validations(inspected: Sequence[InspectedDataset], folder: Path) -> None:
    """Write GX's validation result of each dataset that has a suite to `<folder>/<id>.json`.

    Raises:
        UsageError: the folder can't be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for decision in (one.decision for one in inspected):
            validation = decision.quality.validation if decision.quality else None
            if validation is not None:
                text = json.dumps(validation.document, ensure_ascii=False, indent=2, default=str)
                (folder / f"{decision.dataset}.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        fix = "name a folder that can be written to with --validation-results"
        raise UsageError(
            f"the validation results can't be written: {error.strerror}", where=str(folder), fix=fix
        ) from error


def answers_document(results: Sequence[SectionResult]) -> list[dict[str, Any]]:
    """What became of each section's workbook, for `--json`."""
    return [
        {
            "section": one.section,
            "workbook": str(one.workbook) if one.workbook else None,
            "kept": str(one.kept) if one.kept else None,
            "waiting": list(one.waiting),
            **{outcome.value: one.counts.get(outcome, 0) for outcome in Outcome},
        }
        for one in results
    ]
