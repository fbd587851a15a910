"""Load one dataset's CSV and rows into a CKAN as our target does, verified, switched to and proved; print the seconds.

Arguments: the workspace, a home that has the release, the dataset; CKAN_URL and CKAN_TOKEN are in the environment. What
is measured goes from the preflight's first request to the proof's last, which reads file and rows as anybody. The
release's other files stay at home, so that it is the work of those who load a CSV.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from pipelines.commands.publications import as_shown
from pipelines.commands.run import open_run
from pipelines.handover import Publication
from pipelines.reporting.progress import Progress
from pipelines.targets.ckan.describe import Wanted
from pipelines.targets.ckan.target import CkanPortal

_ROLE = "csv"


class CsvAlone(CkanPortal):
    """Of every publication the CSV, and its rows."""

    def _wanted(self, publication: Publication) -> Wanted:
        wanted = super()._wanted(publication)
        keys = {file.key for file in wanted.files if file.role == _ROLE}
        return replace(
            wanted,
            files=tuple(file for file in wanted.files if file.key in keys),
            page=replace(wanted.page, resources={_ROLE: wanted.page.resources[_ROLE]}),
            shelf=replace(wanted.shelf, resources={key: wanted.shelf.resources[key] for key in keys}),
        )


def main() -> int:
    """0 where all is there."""
    workspace, home, dataset = sys.argv[1:]
    run = open_run(Path(workspace), Path(home), Progress(quiet=True))
    publication = as_shown(run, run.states()[dataset])
    if publication is None:
        raise SystemExit(f"{home} has no release of {dataset}")
    started = time.perf_counter()
    target = CsvAlone(os.environ["CKAN_URL"], os.environ["CKAN_TOKEN"], run.agency)
    target.preflight()
    target.switch(publication, target.stage(publication))
    faults = target.prove(publication).faults
    print(time.perf_counter() - started)
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
