"""The outcome of a check as JUnit XML, for build servers: a suite per dataset, a case per check.

A broken `must` rule is a failure; a broken `should` rule passes, and says in its output what it found, for it blocks
nothing; a dataset whose source can't be read or that could not be checked is an error. The form is what Jenkins,
GitLab and others read (jenkinsci/xunit-plugin, junit-10.xsd).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from pipelines.plan import TROUBLE, worst_first
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.lines import place_and_message
from quality.finding import Finding, Severity
from quality.rules.catalogue import RULES
from quality.rules.rule import Rule

#: Examples that a case shows.
_SHOWN = 20
#: Characters that XML 1.0 can't hold, not even escaped.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def junit_document(inspected: Sequence[InspectedDataset]) -> str:
    """The whole document; equal arguments give equal documents."""
    root = ElementTree.Element("testsuites", name="opendata check")
    by_id = {one.dataset: one for one in inspected}
    for decision in worst_first(one.decision for one in inspected):
        root.append(_suite(by_id[decision.dataset]))
    for counted in ("tests", "failures", "errors"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(one: InspectedDataset) -> ElementTree.Element:
    decision = one.decision
    suite = ElementTree.Element("testsuite", name=_safe(decision.dataset))
    suite.extend(_cases(one))
    for counted, tag in (("failures", "failure"), ("errors", "error")):
        suite.set(counted, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("tests", str(len(suite)))
    suite.set("skipped", "0")
    suite.set("time", "0")
    facts = {"title": decision.title, "owner": decision.owner, "rows": str(one.quality.rows)}
    if one.quality.score is not None:
        facts["score"] = f"{one.quality.score:g}"
    properties = ElementTree.Element("properties")
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=_safe(value))
    suite.insert(0, properties)
    return suite


def _cases(one: InspectedDataset) -> Iterator[ElementTree.Element]:
    """Whether it could be read and checked; then each check of its columns; then each rule of no such check."""
    yield _readable(one)
    by_place: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in one.quality.findings:
        by_place[finding.rule, finding.column].append(finding)
        by_rule[finding.rule].append(finding)
    failed = _failed(one)
    for (rule, columns), number in failed.items():
        yield _case(one, rule, f"{rule.code}: {columns}", rule.severity, number, by_place[rule.code, columns])
    of_checks = {rule.code for rule, _columns in failed}
    for code, count in sorted(one.quality.counts.items()):
        if code not in of_checks:
            yield _case(one, RULES.get(code), code, one.quality.severities[code], count, by_rule[code])


def _failed(one: InspectedDataset) -> Mapping[tuple[Rule, str], int]:
    """(rule, its columns) → how many values failed: a column may have two bounds, which are one case."""
    failed: Counter[tuple[Rule, str]] = Counter()
    for check in one.inspection.checks if one.inspection else ():
        if check.judged is not None:
            failed[check.rule, ", ".join(_as_in_source(one, check.columns))] += check.failed
    return failed


def _as_in_source(one: InspectedDataset, columns: Sequence[str]) -> list[str]:
    written = one.inspection.extract.source_headings if one.inspection else {}
    return [written.get(column, column) for column in columns]


def _readable(one: InspectedDataset) -> ElementTree.Element:
    case = _new_case(one, "readable")
    if one.inspection is None and one.decision.verdict in TROUBLE:
        error = ElementTree.SubElement(case, "error", type=one.decision.verdict.value)
        said = one.quality.findings[0].message if one.quality.findings else one.decision.reason
        error.set("message", _safe(said))
    return case


def _case(
    one: InspectedDataset, rule: Rule | None, name: str, severity: Severity, failed: int, found: Sequence[Finding]
) -> ElementTree.Element:
    case = _new_case(one, name)
    if not failed:
        return case
    message = f"{rule.title} {rule.title_en}: {failed:,}" if rule else f"{name}: {failed:,}"
    shown = found[:_SHOWN]
    lines = [message, *(f"{place_and_message(finding)} → {finding.fix}" for finding in shown)]
    if failed > len(shown):
        lines.append(f"… and {failed - len(shown):,} more")
    if severity is Severity.MUST:
        kind = rule.code if rule else name
        told = ElementTree.SubElement(case, "failure", message=_safe(message), type=_safe(kind))
    else:
        told = ElementTree.SubElement(case, "system-out")
    told.text = _safe("\n".join(lines))
    return case


def _new_case(one: InspectedDataset, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=_safe(one.dataset), name=_safe(name), time="0")


def _safe(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
