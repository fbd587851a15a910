"""What of a live table outlasts it: its aliases, the rights on it, and what others wrote into its data dictionary."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.release.columns import comment_text
from ckanext.release.database import public, select, waiting
from ckanext.release.settings import read_role, waiting_schema
from ckanext.release.twins import Twin
from psycopg2 import sql

#: A role ("" is everybody) and what it may do.
Grants = tuple[tuple[str, str], ...]

_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_VIEWS = """
SELECT DISTINCT v.relname, v.oid, pg_get_viewdef(v.oid) FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v' AND v.relnamespace = 'public'::regnamespace
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = {table}::regclass ORDER BY 1
"""
_GRANTS = """
SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = {oid} AND a.grantee <> c.relowner
"""
_COMMENTS = """
SELECT a.attname, d.description FROM pg_attribute a
JOIN pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
WHERE a.attrelid = to_regclass({table}) AND a.attnum > 0 AND NOT a.attisdropped
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = {table}::regclass AND attnum > 0 AND left(attname, 1) <> '_'
"""


@dataclass(frozen=True)
class Alias:
    """A view that shows a whole table under another name, and who may read it."""

    name: str
    grants: Grants


@dataclass(frozen=True)
class Live:
    """A resource's table as readers see it now; a first release has none."""

    resource_id: str
    exists: bool
    aliases: tuple[Alias, ...]
    grants: Grants


def read_live(cursor: Any, resource_id: str) -> Live:
    """What of a live table is to be kept when another takes its place."""
    always = ((read_role(), "SELECT"),)
    place = _place("public", resource_id)
    ((oid,),) = select(cursor, "SELECT to_regclass({table})::oid", table=place)
    if oid is None:
        return Live(resource_id, False, (), always)
    aliases = tuple(
        Alias(name, (*always, *_grants(cursor, view)))
        for name, view, definition in select(cursor, _VIEWS, table=place)
        if _shows_whole_table(definition, resource_id)
    )
    return Live(resource_id, True, aliases, (*always, *_grants(cursor, oid)))


def grant(cursor: Any, name: str, grants: Grants) -> None:
    """Give rights on a table or view that readers see."""
    for role, privilege in grants:
        to = sql.Identifier(role) if role else sql.SQL("PUBLIC")
        cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(privilege), public(name), to))


def keep_dictionary(cursor: Any, twin: Twin) -> None:
    """Carry over what the live table's data dictionary has beside the twin's own words: other keys, other plugins'."""
    before = _comments(cursor, "public", twin.resource_id)
    own = _comments(cursor, waiting_schema(), twin.name)
    columns = select(cursor, _COLUMNS, table=_place(waiting_schema(), twin.name))
    for name in before.keys() & {name for (name,) in columns}:
        others, info = before[name]
        words = comment_text({**info, **own.get(name, ({}, {}))[1]}, others)
        place = sql.SQL("{}.{}").format(waiting(twin.name), sql.Identifier(name))
        cursor.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(words)))


def _comments(cursor: Any, schema: str, table: str) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """By column: the keys of other plugins, and the dictionary's entry."""
    found: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for name, text in select(cursor, _COMMENTS, table=_place(schema, table)):
        try:
            content = json.loads(text)
        except ValueError:
            continue  # not CKAN's: it passes over such a comment too
        if isinstance(content, dict):
            # Before CKAN 2.11 the comment was the entry itself; since then it begins with a space.
            whole = content if text.startswith(" ") else {"_info": content}
            found[name] = ({key: value for key, value in whole.items() if key != "_info"}, whole.get("_info") or {})
    return found


def _grants(cursor: Any, oid: int) -> Grants:
    return tuple((role, privilege) for role, privilege in select(cursor, _GRANTS, oid=oid))


def _place(schema: str, table: str) -> str:
    """A table as PostgreSQL reads it from a text."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table))


def _shows_whole_table(definition: str, resource_id: str) -> bool:
    table = rf'(?:public\.)?"?{re.escape(resource_id)}"?'
    column = rf"\s*(?:{table}\.)?{_NAME}"
    return bool(re.fullmatch(rf"\s*SELECT{column}(?:,{column})*\s+FROM {table};", definition))
