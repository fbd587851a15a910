"""The command answers at once: what only some commands need is imported when one of them runs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "ckanapi",
    "duckdb",
    "frictionless",
    "great_expectations",
    "jinja2",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pydantic",
    "rich",
    "sqlalchemy",
    "sqlglot",
}

#: Runs the command as the console script does, then tells what was imported on the way.
RUN = """
import json, sys
from pipelines.cli import main
sys.argv = ["opendata", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    json.dump({"code": end.code, "modules": sorted({name.partition(".")[0] for name in sys.modules})}, sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["publish", "--help"], ["catalog", "import", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    run = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, check=True)
    told = json.loads(run.stderr)

    assert told["code"] == 0
    assert run.stdout
    assert HEAVY & set(told["modules"]) == set()
