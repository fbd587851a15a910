"""Which switch is decided: a line in CKAN's own database, committed together with the metadata.

The metadata and the rows are in two databases. Where something ends a switch between the two commits, the line says
whether the rows have to follow. It is kept where CKAN keeps the state of tasks, under `task_type` "release".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from ckan import model
from ckanext.release.database import lock_number
from ckanext.release.twins import Twin
from sqlalchemy import text

_RECORD = """
INSERT INTO task_status (id, entity_id, entity_type, task_type, key, value, state, last_updated)
VALUES (:id, :resource_id, 'resource', 'release', 'table', :token, 'switched', now())
ON CONFLICT (entity_id, task_type, key) DO UPDATE SET value = EXCLUDED.value, state = EXCLUDED.state,
last_updated = EXCLUDED.last_updated
"""
_FORGET = "DELETE FROM task_status WHERE entity_id = :resource_id AND task_type = 'release' AND key = 'table'"
_INDEXED = """
UPDATE task_status t SET state = 'indexed' FROM resource r
WHERE r.id = t.entity_id AND r.package_id = :package_id AND t.task_type = 'release' AND t.key = 'table'
"""
_UNINDEXED = """
SELECT DISTINCT r.package_id FROM task_status t JOIN resource r ON r.id = t.entity_id
WHERE t.task_type = 'release' AND t.key = 'table' AND t.state = 'switched'
"""
_DECIDED = "SELECT 1 FROM task_status WHERE task_type = 'release' AND key = 'table' AND value = :token"


def record_decision(session: Any, twins: Sequence[Twin]) -> None:
    """Say in the transaction that has the metadata which tables go with it.

    Until that transaction ends, however it does, nobody can learn the decision: see `decided`.
    """
    for twin in twins:
        session.execute(text(f"SELECT pg_advisory_xact_lock({lock_number(twin.token)})"))
        values = {"id": str(uuid.uuid4()), "resource_id": twin.resource_id, "token": twin.token}
        session.execute(text(_RECORD), values)


def forget_decision(session: Any, resource_id: str) -> None:
    """Take a resource's line away, because its table is gone."""
    session.execute(text(_FORGET), {"resource_id": resource_id})


def decided(tokens: Iterable[str]) -> dict[str, bool]:
    """Whether the switch to each token's table is decided; a token of a switch that goes on is left out."""
    found = {}
    with model.meta.engine.begin() as connection:
        for token in tokens:
            if connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({lock_number(token)})")):
                found[token] = connection.scalar(text(_DECIDED), {"token": token}) is not None
    return found


def unindexed_datasets() -> list[str]:
    """The datasets of whose last switch the search was not told."""
    with model.meta.engine.connect() as connection:
        return list(connection.scalars(text(_UNINDEXED)))


def mark_indexed(package_id: str) -> None:
    """Note that the search knows of a dataset's last switch."""
    with model.meta.engine.begin() as connection:
        connection.execute(text(_INDEXED), {"package_id": package_id})
