"""Sharing policies: what is one policy and what another, and what a schema refuses."""

from __future__ import annotations

import hashlib

import pytest

from resource_catalog.errors import WorkspaceError
from resource_catalog.sharing_policy import Policy, check_policy, unconditional
from resource_catalog.table_schema import parse_table_schema

SCHEMA = parse_table_schema(
    {
        "fields": [
            {"name": "code", "type": "string"},
            {"name": "区", "type": "string"},
            {"name": "法人", "type": "string", "mask": "person-name"},
            {"name": "height", "type": "number"},
            {"name": "keeper", "type": "string", "disclosure": "share"},
            {"name": "keeper_id", "type": "string", "disclosure": "never"},
        ]
    },
    "test",
)


def test_the_identity_is_of_what_may_be_read_and_of_nothing_else() -> None:
    one = Policy("ports", ("code", "区"), {"区": ("甲", "乙")})
    assert Policy("ports", ("区", "code", "区"), {"区": ("乙", "甲", "甲")}).identity == one.identity
    assert one.identity == hashlib.sha256(one.canonical.encode()).hexdigest()
    others = [
        Policy("berths", one.columns, one.conditions),
        Policy("ports", ("code",), one.conditions),
        Policy("ports", one.columns, {"区": ("甲",)}),
        Policy("ports", one.columns),
    ]
    assert len({one.identity, *(other.identity for other in others)}) == 5


def test_the_unconditional_policy_has_open_and_shared_columns_and_never_the_others() -> None:
    assert unconditional("ports", SCHEMA).columns == ("code", "区", "法人", "height", "keeper")


def test_a_policy_widens_another_by_columns_alone() -> None:
    narrow = Policy("ports", ("code",), {"区": ("甲",)})
    assert Policy("ports", ("code", "区"), {"区": ("甲",)}).widens(narrow)
    assert not narrow.widens(narrow)
    assert not Policy("ports", ("code", "区")).widens(narrow)
    assert not Policy("ports", ("区", "keeper"), {"区": ("甲",)}).widens(narrow)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy("ports", ()), "no column"),
        (Policy("ports", ("code", "x")), "lacks"),
        (Policy("ports", ("code", "keeper_id")), "keeper_id"),
        (Policy("ports", ("code",), {"keeper_id": ("1",)}), "not shared"),
        (Policy("ports", ("code",), {"法人": ("张三",)}), "masked"),
        (Policy("ports", ("code",), {"height": ("1.5",)}), "no one text"),
        (Policy("ports", ("code",), {"区": ()}), "no value"),
        (Policy("ports", ("code",), {"x": ("1",)}), "lacks"),
    ],
)
def test_what_the_schema_does_not_share_is_refused(policy: Policy, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        check_policy(policy, SCHEMA, "test")


def test_what_it_shares_is_accepted() -> None:
    check_policy(Policy("ports", ("code", "keeper"), {"区": ("甲", ""), "keeper": ("乙",)}), SCHEMA, "test")
