"""The swap of a live table for its twin, in one short transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.release.columns import refused
from ckanext.release.database import claim_table, public, select, waiting
from ckanext.release.live import Live, grant, read_live
from ckanext.release.settings import lock_timeout
from ckanext.release.twins import Twin, list_twins
from psycopg2 import errors, sql

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 2.0


def lock_and_swap(connection: Any, twins: Sequence[Twin], seconds: float) -> int:
    """Put twins in the place of their live tables, for the caller to commit; say how many tries it took.

    The lock on the live tables is tried for a short time only, again and again: whoever comes while we wait for
    somebody's long read waits behind us.

    Args:
        connection: with the transaction.
        twins: claimed in it.
        seconds: after which no further try is made.

    Raises:
        ValidationError: the tables were read without pause, or something depends on one that is no alias of it.
    """
    give_up, pause, tries = time.monotonic() + seconds, _FIRST_PAUSE, 1
    while not _try_swap(connection, twins):
        if time.monotonic() >= give_up:
            reason = (
                f"long reads held the table at each of {tries} tries in {seconds:.0f} s; try again when it is quiet"
            )
            raise refused("tables", reason)
        time.sleep(pause)
        pause, tries = min(2 * pause, _LONGEST_PAUSE), tries + 1
    return tries


def _try_swap(connection: Any, twins: Sequence[Twin]) -> bool:
    """One try; where the lock can't be had, the transaction is as it was before."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before_lock")
        try:
            cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{lock_timeout()}ms")))
            lives = [read_live(cursor, twin.resource_id) for twin in twins]
            for live in lives:
                _lock(cursor, live)
            for twin, live in zip(twins, lives, strict=True):
                _replace(cursor, twin, live)
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            cursor.execute("ROLLBACK TO SAVEPOINT before_lock")
            return False
        except errors.DependentObjectsStillExist as error:
            raise refused(
                "tables", f"something depends on the table and is no alias: {error.diag.message_detail}"
            ) from None
    return True


def claim_twins(cursor: Any, tables: Mapping[str, str]) -> list[Twin]:
    """The twins that `tables` (resource id to token) names, claimed for this transaction.

    Raises:
        ValidationError: a twin is not there, or a load or a switch of the same table goes on.
    """
    twins = []
    for resource_id, token in sorted(tables.items()):
        if not claim_table(cursor, resource_id):
            raise refused("tables", f"a load or a switch of {resource_id} goes on; wait for its end")
        found = [twin for twin in list_twins(cursor, resource_id) if twin.token == token]
        if not found:
            raise refused("tables", f"no table waits for {resource_id} under the token {token}; load it again")
        twins += found
    return twins


def _lock(cursor: Any, live: Live) -> None:
    """Lock the aliases first, as their readers do, and the table after them."""
    names = [alias.name for alias in live.aliases] + ([live.resource_id] if live.exists else [])
    for name in names:
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(public(name)))


def _replace(cursor: Any, twin: Twin, live: Live) -> None:
    table = public(live.resource_id)
    for alias in live.aliases:
        cursor.execute(sql.SQL("DROP VIEW {}").format(public(alias.name)))
    if live.exists:
        cursor.execute(sql.SQL("DROP TABLE {}").format(table))
    rename = sql.SQL("ALTER TABLE {} RENAME TO {}").format(waiting(twin.name), sql.Identifier(live.resource_id))
    cursor.execute(rename)
    cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA public").format(waiting(live.resource_id)))
    grant(cursor, live.resource_id, live.grants)
    for alias in live.aliases:
        cursor.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(public(alias.name), table))
        grant(cursor, alias.name, alias.grants)
    _keep_count(cursor, twin)


def _keep_count(cursor: Any, twin: Twin) -> None:
    """Set the number of rows that CKAN keeps for `total`: it would go on telling the old table's."""
    if select(cursor, "SELECT to_regclass('public._table_stats') IS NOT NULL")[0][0]:
        keep = "INSERT INTO public._table_stats VALUES ({}, {}) ON CONFLICT (resource_id) DO UPDATE SET stats = "
        keep += "public._table_stats.stats || EXCLUDED.stats"
        stats = sql.Literal(json.dumps({"rows": twin.content.rows}))
        cursor.execute(sql.SQL(keep).format(sql.Literal(twin.resource_id), stats))
