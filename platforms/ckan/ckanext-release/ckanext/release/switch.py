"""The switch: metadata and tables go from one release to the next together."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckanext.release.database import select, write_connection
from ckanext.release.decisions import decided, record_decision
from ckanext.release.live import keep_dictionary
from ckanext.release.recovery import recover, recover_later, transaction_name
from ckanext.release.search_index import keep_for_later
from ckanext.release.settings import lock_wait, two_phase_wanted
from ckanext.release.swap import claim_twins, lock_and_swap
from ckanext.release.twins import Twin
from psycopg2 import Error, errors
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Switched:
    """What a switch did: the dataset, the tries for the tables' locks, and how long readers were kept waiting."""

    package_id: str
    tries: int
    milliseconds: int


def two_phase(cursor: Any) -> bool:
    """Whether the rows' part of a switch can be prepared, so that only its last word is missing."""
    return two_phase_wanted() and int(select(cursor, "SHOW max_prepared_transactions")[0][0]) > 0


def switch_release(context: dict[str, Any], revise: Mapping[str, Any], tables: Mapping[str, str]) -> Switched:
    """Revise a dataset and put waiting tables in the place of its resources' live ones.

    The order is what makes it whole: everything that can fail or take time first, then the lock on the tables, then
    the metadata's commit, then the tables'. Readers of a table wait from its lock to its commit, so that nobody who
    has seen the new metadata can get an old row after it.

    Args:
        context: CKAN's, of the caller.
        revise: the parameters of `package_revise`.
        tables: by resource id, the token that `release_load` gave.

    Raises:
        ValidationError: nothing was switched.
    """
    with write_connection() as connection:
        try:
            return _switch(connection, context, revise, tables)
        except BaseException:
            model.Session.rollback()
            # Whatever it was, the tables' part may be prepared and hold its readers: the next request looks.
            recover_later()
            raise


def _switch(connection: Any, context: dict[str, Any], revise: Mapping[str, Any], tables: Mapping[str, str]) -> Switched:
    package_id = _revise_uncommitted(context, revise, tables)
    phased = _begin(connection, tables)
    with connection.cursor() as cursor:
        twins = claim_twins(cursor, tables)
        for twin in twins:
            keep_dictionary(cursor, twin)
    record_decision(model.Session, twins)
    model.Session.flush()
    keep_for_later(model.Session())
    tries = lock_and_swap(connection, twins, lock_wait())
    locked = time.monotonic()
    if phased:
        connection.tpc_prepare()
    try:
        model.Session.commit()
        _commit_tables(connection, phased)
    except (Error, SQLAlchemyError) as error:
        _finish_otherwise(connection, twins, phased, error)
    return Switched(package_id, tries, round(1000 * (time.monotonic() - locked)))


def _revise_uncommitted(context: dict[str, Any], revise: Mapping[str, Any], tables: Mapping[str, str]) -> str:
    """`package_revise`, up to but without the commit and the search index, which come in their turn."""
    active = {f"update__resources__{resource_id}__datastore_active": True for resource_id in tables}
    deferred = {**context, "defer_commit": True, "return_id_only": True}
    # CKAN notes what changed only where it commits itself; the activity stream would have nothing of this.
    deferred["changed_entities"] = {"packages": {"this dataset"}}
    result = toolkit.get_action("package_revise")(deferred, {**revise, **active})
    return str(result["package"])


def _begin(connection: Any, tables: Mapping[str, str]) -> bool:
    """Begin the tables' transaction, and say whether it is one of two phases."""
    if not tables:
        return False
    with connection.cursor() as cursor:
        phased = two_phase(cursor)
    connection.rollback()
    if phased:
        connection.tpc_begin(transaction_name(min(tables.values())))
    return phased


def _commit_tables(connection: Any, phased: bool) -> None:
    if not phased:
        connection.commit()
        return
    try:
        connection.tpc_commit()
    except (errors.UndefinedObject, errors.ObjectNotInPrerequisiteState):
        log.info("another process ended this switch first, as it was decided")


def _finish_otherwise(connection: Any, twins: Sequence[Twin], phased: bool, error: Exception) -> None:
    """After a failed commit: let the metadata's database say what was decided, and bring the tables to it."""
    model.Session.rollback()
    if not phased:
        connection.rollback()
    log.warning("a commit failed, and the switch is brought to what was decided: %s", error)
    settled = recover()
    decisions = decided([twin.token for twin in twins])
    if not (settled and decisions and all(decisions.values())):
        raise error
