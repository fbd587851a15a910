"""Lines of code that open a dataset in the tools that developers use."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.targets.release_files import DataFile


@dataclass(frozen=True)
class Snippet:
    """A tool's name, the language of its code, and the code."""

    tool: str
    language: str
    code: str


_FRICTIONLESS = """\
from frictionless import Package

package = Package(
    "{latest}datapackage.json"
)
table = package.resources[0].to_pandas()"""


def snippets(base_url: str, dataset: str, files: tuple[DataFile, ...]) -> tuple[Snippet, ...]:
    """The lines for pandas, DuckDB, R, curl and frictionless; CSV is read as text, so no code loses a zero."""
    latest = f"{base_url}dataset/{dataset}/latest/"
    by_format = {file.format: latest + file.path for file in files}
    csv = by_format.get("csv", latest + files[0].path)
    table = by_format.get("parquet")
    scan = f"read_parquet(\n  '{table}'\n)" if table else f"read_csv(\n  '{csv}',\n  all_varchar = true\n)"
    duckdb = f"FROM {scan};"
    return (
        Snippet("pandas", "python", f'import pandas as pd\n\ntable = pd.read_csv(\n    "{csv}",\n    dtype=str,\n)'),
        Snippet("DuckDB", "sql", f"INSTALL httpfs; LOAD httpfs;\n{duckdb}"),
        Snippet("R", "r", f'table <- readr::read_csv(\n  "{csv}",\n  col_types = readr::cols(.default = "c")\n)'),
        Snippet("frictionless", "python", _FRICTIONLESS.format(latest=latest)),
        Snippet("curl", "sh", f"curl -fLO {csv}\ncurl -fLO {latest}SHA256SUMS"),
    )
