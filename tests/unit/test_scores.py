"""Scores by both profiles: the worked vector, the sense of each A and B, and laws that hold for any counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.assessment import Counted, Kind, Tally
from quality.measures import numbers_of
from quality.rules.catalogue import RULES
from quality.score import assess, summed
from quality.score_profiles import NATIONAL, PROFILES, REGIONAL, Profile
from resource_catalog.agency import Thresholds

#: standards.md 2.1: dimensions .98 .94 .91 1.0 .80 1.0, of which 0201 is 47 of 50 cells filled.
WORKED = {"0101": (100, 2), "0201": (50, 3), "0301": (100, 9), "0401": (10, 0), "0502": (10, 2), "0601": (1, 0)}
EVERY = tuple(PROFILES.values())


def counted(**numbers: tuple[int, int]) -> dict[str, Counted]:
    """`n0201=(judged, failed)` as counts of one rule."""
    return {name.removeprefix("n"): Counted(Tally(*both), {"rule": Tally(*both)}) for name, both in numbers.items()}


def counts_of(table: Mapping[str, tuple[int, int]]) -> dict[str, Counted]:
    return counted(**{f"n{number}": both for number, both in table.items()})


def leaves(profile: Profile) -> set[str]:
    return {one.code for one in profile.indicators if not one.parts}


@pytest.mark.parametrize("profile", EVERY)
def test_worked_vector(profile: Profile) -> None:
    assert assess(counts_of(WORKED), profile).score == 94.05
    without = assess(counts_of({number: both for number, both in WORKED.items() if number != "0502"}), profile)
    assert without.score == 96.53
    assert without.dimensions["时效性"] is None


def test_the_same_counts_have_their_sign_in_each_profile() -> None:
    counts = counted(n0201=(50, 3), n0303=(10, 1), n0305=(40, 4))
    national, regional = assess(counts, NATIONAL), assess(counts, REGIONAL)
    filled = national.indicator("0201")
    assert (filled.a, filled.b, filled.value) == (47, 50, 0.94)
    rate, turned = national.indicator("0303"), regional.indicator("030300")
    assert (rate.kind, rate.a, rate.b, rate.value, rate.worth) == (Kind.RATE, 1, 10, 0.1, 0.9)
    assert (turned.kind, turned.a, turned.b, turned.value, turned.worth) == (Kind.COMPLEMENT, 1, 10, 0.9, 0.9)
    assert (national.indicator("0305").value, regional.indicator("030500").value) == (0.1, 0.9)
    assert national.dimensions["准确性"] == regional.dimensions["准确性"] == 90.0


def test_means_of_three_and_of_four_are_of_those_that_apply() -> None:
    rules = {"type": Tally(10, 1), "pattern": Tally(10, 3), "bounds": Tally(10, 0)}
    counts = {
        "0302": Counted(Tally(30, 4), rules),
        "0402": Counted(Tally(20, 5), {"foreign-key": Tally(10, 4), "other": Tally(10, 1)}),
    }
    found = assess(counts, REGIONAL)
    assert found.indicator("010101").value == 0.9
    assert found.indicator("010102").value == 0.7
    assert found.indicator("010103").value is None
    assert found.indicator("010100").value == pytest.approx(0.8)
    assert found.indicator("040203").value == 0.6
    assert found.indicator("040200").value == pytest.approx((0.6 + 0.9) / 2)
    assert (found.indicator("010100").a, found.indicator("010100").b) == (None, None)
    assert found.dimensions["规范性"] == 80.0  # the parts count once, in their mean
    assert found.indicator("030200").b == 30


@pytest.mark.parametrize("profile", EVERY)
def test_what_nothing_judged_is_null_with_its_reason(profile: Profile) -> None:
    for found in (assess({}, profile), assess({number: Counted() for number in leaves(NATIONAL)}, profile)):
        assert found.score is None
        assert set(found.dimensions.values()) == {None}
        assert all(one.value is None and one.reason and one.reason_en for one in found.indicators)
        assert found.losses() == []


def test_only_what_is_perfect_is_a_hundred() -> None:
    assert assess(counted(n0201=(10**9, 1)), NATIONAL).score == 99.99
    assert assess(counted(n0201=(10**9, 0), n0303=(7, 0), n0402=(3, 0)), NATIONAL).score == 100


def test_tables_are_added_and_not_averaged() -> None:
    small, large = counted(n0201=(10, 10)), counted(n0201=(990, 0), n0304=(5, 1))
    both = summed([small, large])
    assert both["0201"] == Counted(Tally(1000, 10), {"rule": Tally(1000, 10)})
    assert assess(both, NATIONAL).indicator("0201").value == 0.99
    assert summed([large, small]) == both


def test_rules_of_one_number_part_in_the_regional_edition() -> None:
    places = {rule: REGIONAL.codes_for(RULES[rule].indicator, rule) for rule in RULES}
    assert places["type"] == ("010101", "030200")
    assert places["length"] == ("010103", "030200")
    assert places["bounds"] == ("030200",)
    assert places["enum"] == ("010500",)
    assert places["code-not-in-force"] == ("010500", "030600")
    assert places["foreign-key"] == ("040203",)
    assert places["missing-column"] == ("010200", "040300")
    assert numbers_of(RULES["primary-key"]) == ("0304", "0303")


@pytest.mark.parametrize("profile", EVERY)
def test_every_rule_has_its_place(profile: Profile) -> None:
    for rule in RULES.values():
        for number in numbers_of(rule):
            assert number in leaves(NATIONAL), rule.code
            codes = profile.codes_for(number, rule.code)
            assert codes and set(codes) <= leaves(profile), rule.code


def test_profiles_are_those_that_an_agency_may_name() -> None:
    assert get_args(Thresholds.model_fields["profile"].annotation) == tuple(PROFILES)
    assert Thresholds().profile == NATIONAL.name
    assert (len(NATIONAL.indicators), len(REGIONAL.indicators)) == (20, 30)
    for profile in EVERY:
        codes = [one.code for one in profile.indicators]
        assert sorted(set(codes)) == codes
        assert sum(dimension.weight for dimension in profile.dimensions) == pytest.approx(1)


TALLIES = st.integers(0, 10**6).flatmap(lambda judged: st.tuples(st.just(judged), st.integers(0, judged)))
TABLES = st.dictionaries(st.sampled_from(sorted(leaves(NATIONAL))), TALLIES)
PROFILE = st.sampled_from(EVERY)


@given(TABLES, PROFILE)
def test_score_lies_between_its_worst_and_best_indicator(table: dict[str, tuple[int, int]], profile: Profile) -> None:
    found = assess(counts_of(table), profile)
    worths = [one.worth for one in found.indicators if one.worth is not None]
    assert (found.score is None) == (not worths)
    if found.score is not None:
        assert 100 * min(worths) - 0.01 <= found.score <= 100 * max(worths) + 0.01
        assert 0 <= found.score <= 100
        assert sum(found.lost.values()) + found.score == pytest.approx(100, abs=0.011)
        assert sum(loss.points for loss in found.losses()) == pytest.approx(sum(found.lost.values()))


@given(TABLES, PROFILE, st.floats(0.001, 1000))
def test_scale_of_the_weights_is_irrelevant(table: dict[str, tuple[int, int]], profile: Profile, scale: float) -> None:
    dimensions = tuple(replace(one, weight=one.weight * scale) for one in profile.dimensions)
    scaled = assess(counts_of(table), replace(profile, dimensions=dimensions)).score
    assert scaled == pytest.approx(assess(counts_of(table), profile).score, abs=0.011)


@given(TABLES, PROFILE, st.sampled_from(sorted(leaves(NATIONAL))), st.integers(1, 1000))
def test_failing_elements_never_raise_the_score(
    table: dict[str, tuple[int, int]], profile: Profile, number: str, more: int
) -> None:
    before = assess(counts_of(table), profile).score
    after = assess(summed([counts_of(table), counts_of({number: (more, more)})]), profile).score
    assert after is not None
    assert before is None or after <= before


@given(TABLES, PROFILE, st.sampled_from(sorted(leaves(NATIONAL))))
def test_a_number_without_elements_changes_nothing(
    table: dict[str, tuple[int, int]], profile: Profile, number: str
) -> None:
    rest = {key: both for key, both in table.items() if key != number}
    empty = assess(counts_of({**rest, number: (0, 0)}), profile)
    assert (empty.score, empty.dimensions) == (
        assess(counts_of(rest), profile).score,
        assess(counts_of(rest), profile).dimensions,
    )
