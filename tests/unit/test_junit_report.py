"""The check as JUnit XML: its form, its counts, and that no text can break it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import hypothesis.strategies as st
from hypothesis import given

from pipelines.handover import Extract, Inspection, JudgedCheck, Origin
from pipelines.plan import Decision, Verdict
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.junit import junit_document
from quality.finding import Finding, Quality, Severity
from quality.rules.bounds import RULE as BOUNDS
from quality.rules.number_digits import RULE as DIGITS
from quality.rules.reading import BLANK_ROW
from quality.rules.required import RULE as REQUIRED
from resource_catalog.entry import Entry
from resource_catalog.table_schema import parse_table_schema
from tests.catalogue_factory import ENTRY

#: Element → (attributes that it must have, children that it may have); after junit-10.xsd of Jenkins' xunit plugin.
FORM: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}


def assert_well_formed(root: ElementTree.Element) -> None:
    for element in root.iter():
        wanted, children = FORM[element.tag]
        assert wanted <= set(element.attrib)
        assert {child.tag for child in element} <= children
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(suite.attrib["errors"]) == sum(case.find("error") is not None for case in cases)
        assert len({case.attrib["name"] for case in cases}) == len(cases)
    for counted in ("tests", "failures", "errors"):
        assert int(root.attrib[counted]) == sum(int(suite.attrib[counted]) for suite in root)


def inspection() -> Inspection:
    schema = parse_table_schema({"fields": [{"name": "n"}, {"name": "m"}]}, "test")
    entry = Entry.model_validate(ENTRY)
    extract = Extract(entry, Path("work.duckdb"), ("n", "m"), 9, Origin("p.csv"), {"m": "高"})
    checks = (
        JudgedCheck(REQUIRED, ("n",), 9, 2),
        JudgedCheck(BOUNDS, ("m",), 9, 1),
        JudgedCheck(BOUNDS, ("m",), 9, 3),
        JudgedCheck(DIGITS, ("m",), 9, 5),
        JudgedCheck(REQUIRED, ("m",), 9, 0),
        JudgedCheck(BLANK_ROW, (), None, 4),
    )
    return Inspection(extract, schema, checks)


def finding(rule: str, column: str, message: str = "a fault") -> Finding:
    return Finding(rule, Severity.MUST, "ports", message, "mend it", "p.csv", row=3, column=column, value="x")


def blocked(message: str = "a fault", title: str = "港口") -> InspectedDataset:
    findings = (finding("required", "n", message), finding("bounds", "高"), finding("number-digits", "高"))
    counts = {"blank-row": 4, "required": 2, "bounds": 4, "number-digits": 5}
    severities = {"required": Severity.MUST, "bounds": Severity.MUST}
    severities |= {"number-digits": Severity.SHOULD, "blank-row": Severity.SHOULD}
    quality = Quality(9, findings, counts, severities, 81.0)
    return InspectedDataset(Decision("ports", title, "观测处", Verdict.BLOCKED, "", quality=quality), inspection())


def unreadable() -> InspectedDataset:
    found = Finding("empty-file", Severity.MUST, "tides", "the file has no content", "export it")
    quality = Quality(0, (found,), {"empty-file": 1}, {"empty-file": Severity.MUST})
    return InspectedDataset(Decision("tides", "潮汐", "观测处", Verdict.BLOCKED, "", quality=quality))


def failed() -> InspectedDataset:
    return InspectedDataset(Decision("buoys", "浮标", "观测处", Verdict.FAILED, "there is no such file"))


def read(*inspected: InspectedDataset) -> ElementTree.Element:
    root = ElementTree.fromstring(junit_document(inspected).encode())  # noqa: S314 (our own document)
    assert_well_formed(root)
    return root


def outcomes(root: ElementTree.Element, suite: str) -> dict[str, str]:
    found = root.find(f"testsuite[@name='{suite}']")
    assert found is not None
    return {case.attrib["name"]: next((child.tag for child in case), "passed") for case in found.iter("testcase")}


def test_a_suite_per_dataset_and_a_case_per_check() -> None:
    root = read(blocked(), unreadable(), failed())
    assert [suite.attrib["name"] for suite in root] == ["buoys", "ports", "tides"]
    assert outcomes(root, "ports") == {
        "readable": "passed",
        "required: n": "failure",
        "bounds: 高": "failure",
        "number-digits: 高": "system-out",  # a should rule blocks nothing
        "required: 高": "passed",
        "blank-row": "system-out",
    }
    assert outcomes(root, "tides") == {"readable": "error", "empty-file": "failure"}
    assert outcomes(root, "buoys") == {"readable": "error"}
    assert {name: root.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "9",
        "failures": "3",
        "errors": "2",
    }


def test_a_failure_says_place_fix_exact_count_and_how_many_more() -> None:
    failure = read(blocked()).find("testsuite/testcase[@name='bounds: 高']/failure")
    assert failure is not None and failure.attrib["type"] == "bounds"
    assert failure.attrib["message"].endswith(": 4")
    text = failure.text or ""
    assert "p.csv › row 3 › 高" in text and "mend it" in text and "3 more" in text


def test_equal_checks_give_equal_documents() -> None:
    assert junit_document([blocked(), failed()]) == junit_document([failed(), blocked()])


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_no_text_breaks_the_document(message: str, title: str) -> None:
    root = read(blocked(message, title))
    assert root.attrib["failures"] == "2"
