"""After a disturbed run: which of the invariants A N I U O H S (reliability.md (b)) does not hold, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.ckan_office import writes
from tests.disturbed_office import DISTURBED, OTHER, PUBLISH, WITHDRAW, DisturbedOffice
from tests.failing_calls import Disturbed
from tests.portal_sight import Seen
from tests.workspace_factory import Answer

_ENDED, _IN_PART, _OUTSIDE = 0, 1, 3
#: What CKAN's own actions can't change together with the page.
_ROWS = "rows"


def _differences(expected: Any, now: Any, place: str = "") -> list[str]:
    if isinstance(expected, Mapping) and isinstance(now, Mapping):
        keys = sorted({*expected, *now})
        return [one for key in keys for one in _differences(expected.get(key), now.get(key), f"{place}/{key}")]
    return [] if expected == now else [f"{place} is {now}, and without a fault {expected}"]


def _verdicts(run: Disturbed) -> dict[str, Any]:
    return Answer(run.code, run.out, run.err).datasets if run.code in (_ENDED, _IN_PART) else {}


def after_publish(office: DisturbedOffice, run: Disturbed, expected: Mapping[str, Any]) -> list[str]:
    """Look, run again, look again, and run once more.

    Args:
        office: Whose run was disturbed.
        run: How it ended.
        expected: The portal's state after a run that nothing disturbed.
    """
    office.learn()
    return [
        *_secrets(office, run),
        *_what_is_seen(office, run),
        *_what_is_said(run),
        *_rerun(office, PUBLISH, expected),
        *_whole(office.seen(), office.release),
    ]


def _secrets(office: DisturbedOffice, run: Disturbed) -> Iterator[str]:
    token = office.office.portal.token("editor")
    if token in run.out + run.err + office.reports():
        yield "S: the token is in the output"


def _what_is_seen(office: DisturbedOffice, run: Disturbed) -> Iterator[str]:
    seen, verdicts = office.seen(), _verdicts(run)
    yield from (f"U: readers find {canary}" for canary in seen.canaries)
    if seen.release not in (office.release, office.release - 1):
        yield f"A: the page names release {seen.release}"
    torn = [part for part in seen.torn if not (office.office.way == "stock" and part.startswith(_ROWS))]
    yield from (f"A: {part}" for part in torn)
    if len(torn) < len(seen.torn) and office.run("verify", DISTURBED)[0].code != _IN_PART:
        yield "N: verify does not tell that rows are of another release than the page"
    if verdicts and verdicts[DISTURBED]["verdict"] == "published":
        yield from (f"N: it is called published: {fault}" for fault in _whole(seen, office.release))


def _whole(seen: Seen, release: int) -> Iterator[str]:
    yield from (f"A: {part}" for part in seen.torn)
    if seen.release != release:
        yield f"A: the page names release {seen.release} of {release}"


def _what_is_said(run: Disturbed) -> Iterator[str]:
    """A run that ended by itself names what failed: dataset, step and cause; the other dataset is published."""
    if run.code < 0 or run.code > 128:
        return
    if run.code not in (_ENDED, _IN_PART, _OUTSIDE) or "Traceback" in run.err:
        yield f"H: it ended with {run.code}: {run.err[-300:]}"
        return
    for name, one in _verdicts(run).items():
        failed = one["verdict"] == "failed"
        if failed and (name == OTHER or run.call.place not in one["reason"] or " → " not in one["reason"]):
            yield f"O, H: {name} {one['verdict']}: {one['reason']}"
        if failed and run.code != _IN_PART:
            yield f"H: {name} failed, and the exit code is {run.code}"
        if not failed and one["verdict"] != "published":
            yield f"N: {name} is {one['verdict']}"
    if run.code == _OUTSIDE and run.call.place not in run.err:
        yield f"H: the message does not name {run.call.place}: {run.err}"


def _rerun(office: DisturbedOffice, words: tuple[str, ...], expected: Mapping[str, Any]) -> Iterator[str]:
    answer, _ = office.run(*words)
    office.learn()
    if answer.code != _ENDED and "withdrawn already" not in answer.err:
        yield f"I: the rerun ended with {answer.code}: {answer.out[-600:]}{answer.err[-600:]}"
    yield from (f"I: {one}" for one in _differences(expected, office.state()))
    answer, sent = office.run(*PUBLISH)
    if answer.code != _ENDED or writes(sent):
        yield f"I: a further rerun ended with {answer.code} and wrote: {writes(sent)}"


def after_withdrawal(office: DisturbedOffice, run: Disturbed, expected: Mapping[str, Any]) -> list[str]:
    """The same of a withdrawal; until it is complete, `status` says that it is not."""
    return [
        *_secrets(office, run),
        *_withdrawal_is_said(office, run),
        *_rerun(office, WITHDRAW, expected),
        *(f"U: {fault}" for fault in _remains(office)),
        *([] if office.standing()["withdrawing"] == [] else ["N: status calls a complete withdrawal incomplete"]),
    ]


def _withdrawal_is_said(office: DisturbedOffice, run: Disturbed) -> Iterator[str]:
    standing = office.standing()
    if run.code == _ENDED:
        yield from (f"U: {fault}" for fault in _remains(office))
        if standing["withdrawing"]:
            yield "N: it ended well, and status says that it is not complete"
        return
    if run.code > 0 and (run.call.place not in run.err or " → " not in run.err or "Traceback" in run.err):
        yield f"H: it ended with {run.code} and said: {run.err}"
    if standing["withdrawing"] != ["ckan"] or not standing["withdrawn"]:
        yield f"N: status does not say that the withdrawal is not complete: {json.dumps(standing, ensure_ascii=False)}"


def _remains(office: DisturbedOffice) -> Iterator[str]:
    """What anybody still gets; `verify` reads every path that once led to it."""
    seen = office.seen()
    if seen.release is not None or set(seen.parts) != {"page", "search"}:
        yield f"the page still shows {seen.release}, {sorted(seen.parts)}"
    answer, _ = office.run("verify", DISTURBED)
    if answer.code != _ENDED:
        yield f"verify ended with {answer.code}: {answer.out}"
