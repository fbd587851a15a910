"""After a switch that something ended between its two commits: bring the rows to what the metadata says."""

from __future__ import annotations

import logging
import threading
from typing import Any

from ckanext.release.database import claim_table, select, write_connection
from ckanext.release.decisions import decided
from ckanext.release.live import keep_dictionary
from ckanext.release.search_index import catch_up
from ckanext.release.swap import lock_and_swap
from ckanext.release.twins import Twin, list_twins
from psycopg2 import errors, sql

log = logging.getLogger(__name__)

#: Whether this process knows of no switch that is left between its commits; at first it does not know.
_settled = threading.Event()

_PREPARED = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() AND starts_with(gid, {start})"
_START = "ckanext-release:"


def transaction_name(token: str) -> str:
    """The name of a switch's prepared transaction, by the token of one of its tables."""
    return _START + token


def recover_when_needed() -> None:
    """Recover, where this process has not done it yet, or was left with a switch that it could not finish."""
    if not _settled.is_set() and recover():
        catch_up()
        _settled.set()


def recover_later() -> None:
    """Note that a switch may be left between its commits, for the next request to look."""
    _settled.clear()


def recover() -> bool:
    """Finish or undo every switch that was left between its two commits; say whether none is left.

    One that still goes on, in another process or in a server that has not noticed that CKAN died, is left alone.
    """
    with write_connection() as connection, connection.cursor() as cursor:
        names = [name for (name,) in select(cursor, _PREPARED, start=_START)]
        twins = list_twins(cursor)
        connection.rollback()
        tokens = {name.removeprefix(_START) for name in names} | {twin.token for twin in twins}
        decisions = decided(sorted(tokens))
        settled = all([_end_prepared(connection, name, decisions) for name in names])
        unswitched = [twin for twin in twins if decisions.get(twin.token)]
        return all([_switch_late(connection, twin) for twin in unswitched]) and settled


def _end_prepared(connection: Any, name: str, decisions: dict[str, bool]) -> bool:
    """Commit or roll back what a switch prepared, as was decided."""
    decision = decisions.get(name.removeprefix(_START))
    if decision is None:
        return False
    log.warning("a switch was left between its two commits: %s %s", name, "finished" if decision else "undone")
    connection.autocommit = True
    try:
        end = sql.SQL("COMMIT PREPARED {}" if decision else "ROLLBACK PREPARED {}")
        with connection.cursor() as cursor:
            cursor.execute(end.format(sql.Literal(name)))
    except (errors.UndefinedObject, errors.ObjectNotInPrerequisiteState):
        log.info("another process ended %s first, or is at it", name)
    finally:
        connection.autocommit = False
    return True


def _switch_late(connection: Any, twin: Twin) -> bool:
    """Do the rows' part of a switch whose metadata is committed."""
    with connection.cursor() as cursor:
        if not claim_table(cursor, twin.resource_id):
            connection.rollback()
            return False
        if any(waiting.token == twin.token for waiting in list_twins(cursor, twin.resource_id)):
            log.warning("the rows of %s were left behind their metadata, and follow now", twin.resource_id)
            keep_dictionary(cursor, twin)
            # One try: visitors may be waiting for this, and the next of them tries again.
            lock_and_swap(connection, [twin], 0)
    connection.commit()
    return True
