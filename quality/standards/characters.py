"""Sums of weighted characters as SQL, in the form that was the fastest of those measured (README, decisions)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from sqlglot import exp

from quality.cells import literal

#: Values 0 to 35 in this order.
LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def number(value: int) -> exp.Expr:
    """An integer as an SQL literal."""
    return exp.Literal.number(value)


def piece(text: exp.Expr, start: int, length: int = 1) -> exp.Expr:
    """Characters of a text; `start` counts from 1."""
    return exp.Substring(this=text, start=number(start), length=number(length))


def place_in(text: str, character: exp.Expr) -> exp.Expr:
    """Where a character stands in a constant, from 1; 0 where it is not in it."""
    return exp.StrPosition(this=literal(text), substr=character)


def character_at(text: str, place: exp.Expr) -> exp.Expr:
    """The character of a constant at a place, which counts from 0."""
    return exp.Substring(this=literal(text), start=place + number(1), length=number(1))


def as_number(digits: exp.Expr) -> exp.Expr:
    """The whole number that digits write, up to 18 of them."""
    return exp.TryCast(this=digits, to=exp.DataType.build("BIGINT"))


def total(terms: Sequence[exp.Expr]) -> exp.Expr:
    """The sum of some terms."""
    # sqlglot's own + would copy both sides each time.
    return reduce(lambda left, right: exp.Add(this=left, expression=right), terms)


def remainder(value: exp.Expr, modulus: int) -> exp.Expr:
    """The remainder of a value that is not negative."""
    return value % number(modulus)


def placed(residues: Mapping[str, int], modulus: int) -> str:
    """A text in which each character's place, from 1, is its residue by the modulus.

    So the place of a character is its weighted value, without a table to join or a number to multiply.
    """
    places: dict[int, str] = {}
    for character, residue in residues.items():
        place = residue % modulus or modulus
        while place in places:
            place += modulus
        places[place] = character
    return "".join(places.get(place, " ") for place in range(1, max(places) + 1))


def step_of(steps: Sequence[int], place: exp.Expr) -> exp.Expr:
    """The number at a place of a constant list; the place counts from 0."""
    of = exp.Array(expressions=[*map(number, steps)])
    return exp.Anonymous(this="list_extract", expressions=[of, total([place, number(1)])])


def weighed(text: exp.Expr, tables: Mapping[int, str]) -> exp.Expr:
    """The sum of the residues of a text's characters, each by the table of its place, from 1."""
    return total([place_in(table, piece(text, place)) for place, table in tables.items()])


def digits_weighed(digits: exp.Expr, weights: Sequence[int], modulus: int) -> exp.Expr:
    """A number congruent to the sum of a number's digits times their weights, the first digit's first.

    A digit is n // 10^k less ten times n // 10^(k+1). Taken into the weights, that needs one division a digit.
    """
    backwards = list(reversed(weights))
    terms = []
    for power, weight in enumerate(backwards):
        own = (weight - 10 * (backwards[power - 1] if power else 0)) % modulus
        if own:
            terms.append((digits // number(10**power) if power else digits) * number(own))
    return total(terms)
