"""What a standard is to the scan: the form of its values, and the faults that a well-formed value can have.

Values are judged in their standard form: without spaces and hyphens, half-width and upper case. The cell itself stays
as it is. What is right but written otherwise is its last fault, `SPELLING`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from quality.standards.characters import number, total

#: The fault of a value that is right, and not written as its standard writes it.
SPELLING = "spelling"


@dataclass(frozen=True)
class Cell:
    """One field's value, as expressions, and what the schema says of how it is to be judged.

    `text` is the cell without missing values, `form` its standard form, NULL where it has none. `day` is the record's
    date, None where the schema names none and NULL where a row has none. `legacy` says that forms which are out of use
    are meant; `edition` is the year of the edition that the schema names, or "".
    """

    text: exp.Expr
    form: exp.Expr
    day: exp.Expr | None = None
    legacy: bool = False
    edition: str = ""


Fault = Callable[[Cell], exp.Expr]


def misspelt(cell: Cell) -> exp.Expr:
    """Whether the text is another than its standard form."""
    return cell.text.neq(cell.form)


@dataclass(frozen=True)
class Standard:
    """One standard.

    `form` gives the standard form of a text, NULL where it is not well formed. `faults` are conditions on a well-formed
    value by name, in the order in which they are told: a value that has several has the first.
    """

    form: Callable[[exp.Expr], exp.Expr]
    faults: Mapping[str, Fault] = field(default_factory=dict)
    misspelt: Fault = misspelt

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all faults of well-formed values, in their order."""
        return (*self.faults, SPELLING)

    def bits(self, cell: Cell) -> exp.Expr:
        """The faults of a well-formed value as a number, the first its lowest bit; of no form, 0.

        A sum and not a CASE: an engine computes what the conditions share once, which it doesn't across branches.
        So no condition should be a branch; one that is NULL is none.
        """
        conditions = [*(fails(cell) for fails in self.faults.values()), self.misspelt(cell)]
        bits = []
        for place, condition in enumerate(conditions):
            known = exp.Coalesce(this=condition, expressions=[exp.false()])
            bits.append(exp.Mul(this=exp.cast(known, "INT"), expression=number(1 << place)))
        return total(bits)

    def first_is(self, bits: exp.Expr, name: str) -> exp.Expr:
        """Whether a value's first fault is the one of that name."""
        bit = 1 << self.names.index(name)
        seen = exp.BitwiseAnd(this=bits, expression=number(2 * bit - 1))
        return exp.EQ(this=exp.paren(seen), expression=number(bit))
