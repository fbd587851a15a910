"""The words that catalogues use for openness, sharing and update cycle, each beside one normalised code.

Three vocabularies name the same attributes (Shanghai 2016, national 2017, Shanghai 2019; 发改高技术〔2017〕1272号 and
沪府发〔2016〕14号). A word is kept as written; the code is what the program decides by. Update cycles go by their label
only: the national templates number them differently, so a digit means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Openness(StrEnum):
    """Whether the public may have a resource (公开方式)."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    WITHHELD = "withheld"


class Sharing(StrEnum):
    """Whether other public bodies may have a resource (共享类型)."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    WITHHELD = "withheld"


class UpdateCycle(StrEnum):
    """How often a resource is promised to be renewed (更新周期)."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    NEVER = "never"


Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class Term(Generic[Code]):
    """A word as the catalogue has it, and its code."""

    written: str
    code: Code

    def __str__(self) -> str:
        return self.written


OPENNESS: Mapping[str, Openness] = {
    "公开": Openness.OPEN,
    "主动公开": Openness.OPEN,
    "普遍公开": Openness.OPEN,
    "普通公开": Openness.OPEN,
    "无条件开放": Openness.OPEN,
    "依申请公开": Openness.ON_REQUEST,
    "按需公开": Openness.ON_REQUEST,
    "有条件开放": Openness.ON_REQUEST,
    "不公开": Openness.WITHHELD,
    "不予公开": Openness.WITHHELD,
    "非开放": Openness.WITHHELD,
    **{code.value: code for code in Openness},
}

SHARING: Mapping[str, Sharing] = {
    "无条件共享": Sharing.UNCONDITIONAL,
    "普遍共享": Sharing.UNCONDITIONAL,
    "有条件共享": Sharing.CONDITIONAL,
    "按需共享": Sharing.CONDITIONAL,
    "不予共享": Sharing.WITHHELD,
    "不共享": Sharing.WITHHELD,
    **{code.value: code for code in Sharing},
}

UPDATE_CYCLE: Mapping[str, UpdateCycle] = {
    "实时": UpdateCycle.REALTIME,
    "每日": UpdateCycle.DAILY,
    "每天": UpdateCycle.DAILY,
    "每周": UpdateCycle.WEEKLY,
    "每月": UpdateCycle.MONTHLY,
    "每季度": UpdateCycle.QUARTERLY,
    "每半年": UpdateCycle.HALF_YEARLY,
    "每年": UpdateCycle.YEARLY,
    "不定期": UpdateCycle.IRREGULAR,
    "不更新": UpdateCycle.NEVER,
    **{code.value: code for code in UpdateCycle},
}


def read_term(words: Mapping[str, Code], written: str) -> Term[Code]:
    """The term of a written word.

    Raises:
        ValueError: the word is in no vocabulary; the message lists those that are.
    """
    code = words.get(written.strip())
    if code is None:
        raise ValueError(f"{written!r} is not one of {', '.join(words)}")
    return Term(written.strip(), code)
