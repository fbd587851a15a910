"""What of the documentation is generated is current, and READMEs stay short and whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documentation import (
    COMMANDS,
    FAULT_RULE_LIST,
    ROOT,
    RULE_LIST,
    commands_reference,
    fault_rules_reference,
    rules_reference,
)


@pytest.mark.parametrize(
    ("file", "current"),
    [(COMMANDS, commands_reference), (RULE_LIST, rules_reference), (FAULT_RULE_LIST, fault_rules_reference)],
)
def test_generated_page_is_current(file: str, current: object) -> None:
    assert callable(current)
    assert (ROOT / file).read_text("utf-8") == current(), f"{file} is stale: run `make fix`"


def test_the_tests_that_the_fault_matrix_names_are_there() -> None:
    tests = ROOT / "tests"
    named = re.findall(r"`(\w+/\w+\.py)::(\w+)`", (tests / "FAULTS.md").read_text("utf-8"))
    assert len(named) > 60
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (tests / file).read_text("utf-8")]
    assert missing == []


def _readmes() -> list[Path]:
    return sorted(path for path in ROOT.glob("**/README.md") if not {"var", ".venv"} & set(path.parts))


@pytest.mark.parametrize("readme", _readmes(), ids=lambda path: str(path.relative_to(ROOT)))
def test_readme_is_short_and_its_links_resolve(readme: Path) -> None:
    text = readme.read_text("utf-8")
    assert len(text.splitlines()) <= (150 if readme.parent == ROOT else 40)
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (readme.parent / link).exists(), link
