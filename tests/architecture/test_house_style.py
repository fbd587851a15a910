"""What the linters can't see of the house's rules: whose names, paths and sizes the code may have."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "resource_catalog" / "samples"
#: Made by tools or runs, never committed.
MADE = {"var", "__pycache__"}
TEXT = {".css", ".html", ".j2", ".js", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ""}
VAGUE = {"utils", "helpers", "base", "manager", "context", "common", "misc"}


def _files() -> Iterator[Path]:
    """Every file of the repository, as a fresh clone has them; a copy without git is walked alike."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or (name not in MADE and not name.startswith("."))]
        yield from (Path(folder, name) for name in files)


FILES = sorted(_files())
MODULES = [file for file in FILES if file.suffix == ".py"]
TREES = {file: ast.parse(file.read_text("utf-8")) for file in MODULES}
PROGRAM = {"pipelines", "quality", "resource_catalog", "platforms"}
#: Code that runs for every agency; the samples belong to the first workspace.
CODE = [
    file
    for file in FILES
    if file.suffix in {".py", ".j2", ".js", ".css"}
    and file.relative_to(ROOT).parts[0] in PROGRAM
    and not file.is_relative_to(SAMPLES)
]


def _places(files: list[Path], pattern: str) -> list[str]:
    """file:line of each match."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def _nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                yield f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node


def test_the_files_are_found() -> None:
    """The other tests would pass on nothing."""
    assert {"pipelines/ledger.py", "quality/scan.py", "resource_catalog/entry.py"} <= {
        str(file.relative_to(ROOT)) for file in CODE
    }
    assert ROOT / ".ci" / "run" in FILES


def test_code_does_not_name_the_first_agency() -> None:
    agency = yaml.safe_load((ROOT / "resource_catalog" / "agency.yaml").read_text("utf-8"))
    names = [agency["id"], agency["name"], agency["code"], *agency["other_names"], agency["jurisdiction"]]

    assert _places(CODE, "|".join(map(re.escape, [*names, "上海", "工商", "SAIC"]))) == []


def test_code_does_not_find_data_by_its_own_place() -> None:
    assert _places(CODE, r"__file__") == []


def test_duckdb_is_opened_in_one_module() -> None:
    """And in memory, without files or network, where GX itself runs this project's expectations on a data frame."""
    opened = _places(CODE, r"\bduckdb\.(connect|sql|query|execute|read_\w+)\(|from duckdb import")

    own = "quality/expectations/great_expectations_engine.py"
    assert {place.partition(":")[0] for place in opened} == {"pipelines/engines/duck.py", own}
    assert [place for place in opened if place.startswith(own) and '"enable_external_access": False' not in place] == []


def test_certificates_are_verified() -> None:
    assert _places(MODULES, r"verify\s*=\s*False|CERT_NON[E]|_create_unverified_contex[t]") == []


def test_no_path_of_one_machine_is_written_down() -> None:
    texts = [file for file in FILES if file.suffix in TEXT]

    assert _places(texts, r"(?<![\w.<>}\]*-])/(?:home|mnt|opt|root|tmp|work|Users)/[\w.]") == []


def test_no_registry_is_written_down() -> None:
    texts = [file for file in FILES if file.suffix in TEXT]
    hosts = r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org"
    options = r"(extra-)?index-ur[l]|find-link[s]|trusted-hos[t]|PIP_INDE[X]"

    assert _places(texts, f"{hosts}|{options}") == []


def test_yaml_has_one_ending() -> None:
    assert [file for file in FILES if file.suffix == ".yml"] == []


def test_module_names_say_what_is_inside() -> None:
    assert [file for file in MODULES if VAGUE & set(file.stem.split("_"))] == []


def test_every_module_says_why_it_exists() -> None:
    assert [file for file, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_modules_stay_below_300_lines() -> None:
    modules = [file for file in MODULES if file.relative_to(ROOT).parts[0] in PROGRAM]
    sizes = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in modules}

    assert {name: size for name, size in sizes.items() if size >= 300} == {}


def test_functions_stay_within_50_lines() -> None:
    sizes = {
        f"{place} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for place, node in _nodes(ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: size for name, size in sizes.items() if size > 50} == {}


@pytest.mark.parametrize(("caught", "places"), [("", set()), ("Exception", {"planning"}), ("BaseException", set())])
def test_everything_is_swallowed_in_one_place_only(caught: str, places: set[str]) -> None:
    """That place turns a dataset's failure into its verdict; a handler that raises again does not count."""
    found = {
        place.partition(":")[0]
        for place, node in _nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler) and caught in _names(node.type) and not _raises_again(node)
    }

    assert {file for file in found if not file.startswith("tests/")} == {
        f"pipelines/commands/{name}.py" for name in places
    }


def _names(caught: ast.expr | None) -> list[str]:
    """The classes that a handler catches; [""] for a bare one."""
    if caught is None:
        return [""]
    return [ast.unparse(item) for item in (caught.elts if isinstance(caught, ast.Tuple) else [caught])]


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """After cleaning up, or where the error is not the one it looks for (a panic's class can't be imported)."""
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


def test_a_rule_of_quality_has_a_file_of_its_own() -> None:
    """A standard's file holds the several ways in which a value misses it, of which a value is told one."""
    from quality.rules.catalogue import STANDARD_RULES

    standards = {Path(str(module.__file__)) for module in STANDARD_RULES}
    several = {}
    for file, tree in TREES.items():
        made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Rule"]
        if file.is_relative_to(ROOT / "quality" / "rules") and file not in standards and len(made) > 1:
            several[file.name] = len(made)

    assert several == {}
    assert len(standards) == 11
