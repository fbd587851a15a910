"""The disclosure clocks that bind an agency: how long, from which event, by which law, and since when."""

from __future__ import annotations

import datetime
import itertools
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from resource_catalog.strict_model import Date, Model, as_list

#: The keys of which a rule has exactly one: each is a way to say when the thing falls due.
WAYS = ("within", "by", "nodes", "follows")

Count = Annotated[int, Field(strict=True, ge=1)]


def _schema_of_rule() -> dict[str, Any]:
    """The same conditions as JSON Schema."""
    ways: list[dict[str, Any]] = [{"required": [way]} for way in WAYS]
    return {
        "oneOf": ways,
        "if": {"required": ["within"]},
        "then": {"required": ["unit", "starts"], "properties": {"starts": {"minLength": 1}}},
        "else": {"not": {"anyOf": [{"required": ["unit"]}, {"required": ["extension"]}]}},
    }


class DeadlineRule(Model):
    """One edition of a disclosure clock (standards.md 6); it has exactly one of `within`, `by`, `nodes`, `follows`."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema.update(_schema_of_rule()))

    title: str = Field(min_length=1, description="the term as people read it: 自作出决定之日起7个工作日内")
    basis: str = Field(min_length=1, description="the law or document that sets it")
    within: Count | None = Field(None, description="how many units after the event; needs unit and starts")
    unit: Literal["working-days", "calendar-days", "hours", "months"] | None = Field(
        None, description="what within and extension count; the day of the event is not counted"
    )
    extension: Count | None = Field(None, description="within: by how many units more it may be extended")
    starts: str = Field("", description="the event that starts the clock")
    by: Date | None = Field(None, description="the fixed last day")
    nodes: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="the public holidays for which it falls due: 元旦, 国庆"
    )
    node_side: Literal["before", "after"] = Field("before", description="nodes: on which side of the holiday")
    follows: Literal["cycle", "event"] | None = Field(
        None, description="it has no count: due with the entry's update cycle, or promptly (及时) after each event"
    )
    valid_from: Date | None = Field(None, description="first day of the edition; absent: since ever")
    valid_to: Date | None = Field(None, description="last day of the edition; absent: until further notice")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(getattr(self, way) is not None for way in WAYS) != 1:
            raise ValueError(f"a deadline rule has exactly one of {', '.join(WAYS)}")
        if self.within is not None and not (self.unit and self.starts):
            raise ValueError("within needs unit and starts: how many of what, after which event")
        if self.within is None and (self.unit or self.extension):
            raise ValueError("unit and extension belong to within")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def holds_on(self, day: datetime.date) -> bool:
        """Whether the edition is in force on a day."""
        return (self.valid_from or datetime.date.min) <= day <= (self.valid_to or datetime.date.max)


def _disjoint(editions: tuple[DeadlineRule, ...]) -> tuple[DeadlineRule, ...]:
    """The editions by date.

    Raises:
        ValueError: there is none, or two of them are in force on one day.
    """
    if not editions:
        raise ValueError("the rule has no edition")
    ordered = sorted(editions, key=lambda edition: edition.valid_from or datetime.date.min)
    for earlier, later in itertools.pairwise(ordered):
        first_day = later.valid_from or datetime.date.min
        if earlier.holds_on(first_day):
            raise ValueError(f"two editions are in force on {later.valid_from or 'every early day'}")
    return tuple(ordered)


#: The editions of one clock, by date; in YAML a lone mapping or a list of them.
Editions = Annotated[
    tuple[DeadlineRule, ...],
    AfterValidator(_disjoint),
    BeforeValidator(
        as_list, json_schema_input_type=DeadlineRule | Annotated[tuple[DeadlineRule, ...], Field(min_length=1)]
    ),
]
