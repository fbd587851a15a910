"""The five actions, as CKAN's API shows them."""

from __future__ import annotations

from typing import Any

from ckan.plugins import plugin_loaded, toolkit
from ckanext.release import parameters
from ckanext.release.database import select, write_connection
from ckanext.release.drop import drop_tables
from ckanext.release.files import can_read_files, describe_files
from ckanext.release.load import load_rows
from ckanext.release.recovery import recover
from ckanext.release.rows import Rows
from ckanext.release.search_index import catch_up, index_dataset
from ckanext.release.settings import largest_upload, waiting_schema
from ckanext.release.switch import switch_release, two_phase

VERSION = "1.0.0"
_MAY_MAKE_TABLES = """
SELECT CASE WHEN to_regnamespace(quote_ident({schema})) IS NULL
THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege({schema}, 'CREATE, USAGE') END
"""


@toolkit.side_effect_free
def release_capabilities(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """What this plugin can do on this portal.

    Returns:
        `version`; `load`: whether tables can be loaded and switched; `differences`: whether by their differences,
        too; `two_phase`: whether a switch prepares its rows' part; `files`: whether uploaded files can be told by
        their digests; `max_upload`: bytes of CSV, before compression, that an upload may have.
    """
    toolkit.check_access("release_capabilities", context, data)
    _put_in_order()
    with write_connection() as connection, connection.cursor() as cursor:
        ((may_make_tables,),) = select(cursor, _MAY_MAKE_TABLES, schema=waiting_schema())
        phased = two_phase(cursor)
    load = plugin_loaded("datastore") and bool(may_make_tables)
    able = {"load": load, "differences": True, "two_phase": phased, "files": can_read_files()}
    return {"version": VERSION, **able, "max_upload": largest_upload()}


def release_load(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Load a table that waits, out of readers' reach, until it is switched to.

    Args:
        context: CKAN's.
        data: `resource_id`; `fields`, `primary_key`, `indexes` as for `datastore_create`; `upload`: the rows as CSV
            (UTF-8, RFC 4180, plain or gzip) in a multipart form; `header`: the file's headings where they are not
            the fields' ids; `base`: `{"digest": …}` of the live table where the file has only what differs from it,
            in one more column `_id` before the others: a row with one stands at this place in the new table, and
            takes the place of that with its key; a row without one, of which the key alone is read, is removed.

    Returns:
        `twin`: the token by which a switch names the table; `rows`; `digest`: a checksum of the rows in any order.
    """
    resource_id = parameters.resource_id_of(data)
    toolkit.check_access("release_load", context, data)
    layout = parameters.layout_of(data)
    base = parameters.base_of(data, layout)
    header = parameters.header_of(data, layout, numbered=base is not None)
    rows = Rows(parameters.upload_of(data), header, largest_upload())
    _put_in_order()
    twin = load_rows(resource_id, layout, rows, base)
    return {"twin": twin.token, "rows": twin.content.rows, "digest": twin.content.digest}


def release_switch(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Revise a dataset and switch its tables, together or not at all.

    Args:
        context: CKAN's.
        data: `revise`: the parameters of `package_revise`; `tables`: by resource id, the token of the waiting table.

    Returns:
        `package`: the dataset as it is now; `indexed`: whether the search knows; `tries`: how often the tables' locks
        were tried; `milliseconds`: how long readers of the tables were kept waiting by the last.
    """
    revise, tables = parameters.switch_of(data)
    toolkit.check_access("release_switch", context, {"tables": tables})
    _put_in_order()
    done = switch_release(context, revise, tables)
    indexed = index_dataset(done.package_id)
    package = toolkit.get_action("package_show")(toolkit.fresh_context(context), {"id": done.package_id})
    return {"package": package, "indexed": indexed, "tries": done.tries, "milliseconds": done.milliseconds}


def release_drop(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Drop a resource's table, whatever shows it, and the tables that wait for it.

    Args:
        context: CKAN's.
        data: `resource_id`, also of a resource that was removed from its dataset.

    Returns:
        `dropped`: whether there was a table; `twins`: how many waited.
    """
    resource_id = parameters.resource_id_of(data)
    toolkit.check_access("release_drop", context, data)
    _put_in_order()
    dropped, twins = drop_tables(context, resource_id)
    return {"dropped": dropped, "twins": twins}


@toolkit.side_effect_free
def release_files(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """What the portal keeps of uploaded files.

    Args:
        context: CKAN's.
        data: `resources`: a list of their ids.

    Returns:
        By resource id, `size` in bytes and `sha256`; null where no file was uploaded.
    """
    resources = parameters.resources_of(data)
    toolkit.check_access("release_files", context, {"resources": resources})
    return describe_files(resources)


def _put_in_order() -> None:
    """Finish what an earlier switch left, in the tables and in the search."""
    recover()
    catch_up()
