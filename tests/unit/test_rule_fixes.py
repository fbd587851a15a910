"""Every rule tells a section in plain Chinese what to do."""

from __future__ import annotations

import re

from quality.rules.catalogue import RULES
from quality.rules.rule import Rule


def test_what_is_said_in_chinese_is_chinese_and_a_whole_clause() -> None:
    said = {code: rule.fix_zh for code, rule in RULES.items()}
    assert [code for code, fix in said.items() if not re.search("[\u4e00-\u9fff]{3}", fix) or fix.endswith("。")] == []


def test_a_rule_without_chinese_says_its_fix_in_english() -> None:
    assert Rule("house-rule", "家规", "House rule", "{value}", "mend it", "0302").plain_fix == "mend it"
