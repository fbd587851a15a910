"""A publisher by ckanext-xloader waits for its job also where the portal fails to tell of it for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ckanapi import CKANAPIError, NotFound

from tests import naive_publishers
from tests.naive_publishers import PublisherHangs, XloaderPublisher

REFUSED = CKANAPIError(repr(["http://portal.invalid/api/3/action/xloader_status", 403, "no"]))
FAILED = CKANAPIError(repr(["http://portal.invalid/api/3/action/xloader_status", 500, "Internal Server Error"]))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the portal answers in turn; the last for ever."""
    told: list[Any] = []

    def call(_self: XloaderPublisher, action: str, *_upload: object, **_data: object) -> Any:
        assert action == "xloader_status"
        answer = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(XloaderPublisher, "call", call)
    monkeypatch.setattr(naive_publishers, "_SECONDS_BETWEEN_LOOKS", 0)
    return told


def _publisher(patience: float = 600) -> XloaderPublisher:
    publisher = XloaderPublisher("http://portal.invalid", "", "own-agency", "licences", patience=patience)
    publisher.ids["csv"] = "made"
    return publisher


def test_a_server_error_is_not_an_answer(answers: list[Any]) -> None:
    pending, complete = {"job_id": "1", "status": "pending"}, {"job_id": "1", "status": "complete"}
    answers += [FAILED, pending, FAILED, FAILED, complete]
    publisher = _publisher()
    publisher.load(Path("1"))

    assert (publisher.job, answers) == ("1", [complete])


def test_a_portal_that_never_tells_is_given_up(answers: list[Any]) -> None:
    answers.append(FAILED)

    with pytest.raises(PublisherHangs):
        _publisher(patience=0)._state()


@pytest.mark.parametrize(("answer", "expected"), [(REFUSED, CKANAPIError), (ValueError(), ValueError)])
def test_a_refusal_is_no_failure_to_tell(answers: list[Any], answer: Exception, expected: type[Exception]) -> None:
    answers += [answer, {"job_id": "1", "status": "complete"}]

    with pytest.raises(expected):
        _publisher()._state()


def test_a_table_without_a_job_has_none(answers: list[Any]) -> None:
    answers.append(NotFound("no job"))

    assert _publisher()._state()[0] is None
