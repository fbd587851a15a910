"""Loading rows into a twin: all of them, or none."""

from __future__ import annotations

import re
from typing import Any

from ckan.plugins import toolkit
from ckanext.release.columns import refused
from ckanext.release.database import abandon_with_client, claim_table, prepare_database, write_connection
from ckanext.release.rows import Rows
from ckanext.release.twins import Layout, Twin, drop_twin, fill_twin, finish_twin
from psycopg2 import Error

#: Classes of PostgreSQL's errors that speak of the rows: bad values, broken constraints, limits of a row or an index.
_ABOUT_THE_ROWS = ("22", "23", "54")
#: The place in the file, whatever language the server speaks: "COPY rows_…, line 3, column 数量: …".
_PLACE = re.compile(r"COPY \S+, \D*(?P<line>\d+)(?:, \S+ (?P<column>[^:]+):)?")


def load_rows(resource_id: str, layout: Layout, rows: Rows, base: str | None = None) -> Twin:
    """Load rows into a new twin of a resource's table; earlier twins of it are then dropped.

    Rows are loaded in one transaction and indexed in further ones. A table of which the latter didn't end has no token
    that anybody knows, and the resource's next load or withdrawal drops it.

    Args:
        resource_id: Whose table it is.
        layout: What it is to look like.
        rows: All its rows; or, with a base, those that differ from the live table's.
        base: The digest that the live table has.

    Raises:
        ValidationError: a row does not fit, named by its line; the live table is another than the base; or another
            load or switch of the table goes on.
    """
    prepare_database()
    with write_connection() as connection, connection.cursor() as cursor:
        _begin(cursor, resource_id)
        try:
            unfinished = fill_twin(cursor, resource_id, layout, rows, base)
        except Error as error:
            raise rows.failure or _about_rows(error) or error from None
        connection.commit()
        _begin(cursor, resource_id)
        try:
            twin = finish_twin(cursor, unfinished, layout)
        except Error as error:
            connection.rollback()
            drop_twin(cursor, unfinished.name)
            connection.commit()
            raise _about_rows(error) or error from None
        connection.commit()
        return twin


def _begin(cursor: Any, resource_id: str) -> None:
    abandon_with_client(cursor)
    if not claim_table(cursor, resource_id):
        raise refused("resource_id", f"a load or a switch of {resource_id} goes on; wait for its end")


def _about_rows(error: Error) -> toolkit.ValidationError | None:
    """What PostgreSQL says about a row, with its place in the file where it tells it."""
    if not (error.pgcode or "").startswith(_ABOUT_THE_ROWS):
        return None
    answer: dict[str, Any] = {"upload": [_words(error)]}
    if place := _PLACE.search(error.diag.context or ""):
        answer["line"] = int(place["line"])
        if place["column"]:
            answer["column"] = place["column"]
    if error.diag.column_name:
        answer["column"] = error.diag.column_name
    return toolkit.ValidationError(answer)


def _words(error: Error) -> str:
    detail = error.diag.message_detail
    # Of a null in a key the detail shows the whole row, which may be long and says no more than its line.
    told = detail if detail and error.diag.column_name is None else ""
    return " ".join(filter(None, (error.diag.message_primary, told)))
