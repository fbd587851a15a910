"""Our import names are general words: a distribution that ships one of them would silently be imported instead."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = "opendata-pipeline"
NAMES = ("pipelines", "quality", "resource_catalog", "tests")


def clashes(distributions: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Import name → the other distributions that ship it."""
    others = {name: set(distributions.get(name, ())) - {OURS} for name in NAMES}
    return {name: found for name, found in others.items() if found}


def test_no_other_distribution_ships_our_names() -> None:
    assert clashes(packages_distributions()) == {}


def test_a_distribution_that_ships_one_is_named() -> None:
    assert clashes({"quality": [OURS, "code-quality"], "click": ["click"]}) == {"quality": {"code-quality"}}


@pytest.mark.parametrize("name", NAMES)
def test_our_names_import_this_checkout(name: str) -> None:
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert [Path(place) for place in spec.submodule_search_locations or ()] == [ROOT / name]
