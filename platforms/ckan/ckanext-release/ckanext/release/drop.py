"""Withdrawal of a table: from readers, from its aliases, and from where it waits."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckanext.release.columns import refused
from ckanext.release.database import claim_table, public, select, write_connection
from ckanext.release.decisions import forget_decision
from ckanext.release.live import read_live
from ckanext.release.settings import lock_wait
from ckanext.release.twins import drop_twins
from psycopg2 import errors, sql


def drop_tables(context: dict[str, Any], resource_id: str) -> tuple[bool, int]:
    """Drop a resource's table with all that shows it, and its twins; say whether there was one, and how many twins.

    It works on a resource that was removed from its dataset too, whose table CKAN leaves behind and readable.
    Readers wait while the drop waits for a long read: what is withdrawn is to be gone.

    Raises:
        ValidationError: a load or switch of the table goes on, or one read held it all the time.
    """
    with write_connection() as connection, connection.cursor() as cursor:
        if not claim_table(cursor, resource_id):
            raise refused("resource_id", f"a load or a switch of {resource_id} goes on; wait for its end")
        cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{lock_wait()}s")))
        try:
            existed, twins = _drop(cursor, resource_id), drop_twins(cursor, resource_id)
        except errors.LockNotAvailable:
            raise refused("resource_id", f"one read held the table for {lock_wait()} s; drop it again") from None
        connection.commit()
    _tell_portal(context, resource_id)
    return existed, twins


def _drop(cursor: Any, resource_id: str) -> bool:
    exists = read_live(cursor, resource_id).exists
    if exists:
        cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(public(resource_id)))
    if select(cursor, "SELECT to_regclass('public._table_stats') IS NOT NULL")[0][0]:
        forget = "DELETE FROM public._table_stats WHERE resource_id = {}"
        cursor.execute(sql.SQL(forget).format(sql.Literal(resource_id)))
    return exists


def _tell_portal(context: dict[str, Any], resource_id: str) -> None:
    """Take back that the resource has a table, where the resource is still there."""
    forget_decision(model.Session, resource_id)
    model.Session.commit()
    resource = model.Resource.get(resource_id)
    if resource is not None and resource.state == "active" and resource.extras.get("datastore_active"):
        patch = {"id": resource_id, "datastore_active": False}
        toolkit.get_action("resource_patch")(toolkit.fresh_context(context), patch)
