"""The parameters of the actions, read from JSON or from the form that comes with a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from ckanext.release.columns import read_columns, refused, require_columns
from ckanext.release.twins import Layout


def resource_id_of(data: Mapping[str, Any]) -> str:
    """The resource that a call is about.

    Raises:
        ValidationError: none is named.
    """
    resource_id = data.get("resource_id")
    if not isinstance(resource_id, str) or not resource_id:
        raise refused("resource_id", "name the resource")
    return resource_id


def resources_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The resources that a call is about.

    Raises:
        ValidationError: it is no list of ids.
    """
    value = _value(data, "resources", None)
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise refused("resources", "give a list of resources' ids")
    return tuple(value)


def layout_of(data: Mapping[str, Any]) -> Layout:
    """What the table is to look like.

    Raises:
        ValidationError: fields, key or indexes are no such thing, or don't fit together.
    """
    primary_key = _names("primary_key", _value(data, "primary_key", []))
    columns = read_columns(_value(data, "fields", None), primary_key)
    indexes = _value(data, "indexes", [])
    if not isinstance(indexes, list):
        raise refused("indexes", "give a list of columns' names, or of lists of them")
    read = tuple(_names("indexes", [index] if isinstance(index, str) else index) for index in indexes)
    for index in read:
        require_columns("indexes", index, columns)
    return Layout(columns, primary_key, read)


def base_of(data: Mapping[str, Any], layout: Layout) -> str | None:
    """The digest of the live table from which the uploaded rows differ; None where they are all.

    Raises:
        ValidationError: it is no such thing, or the table has no key by which rows could be told.
    """
    base = _value(data, "base", None)
    if base is None:
        return None
    if not isinstance(base, dict) or not isinstance(base.get("digest"), str):
        raise refused("base", "give an object with the digest of the live table")
    if not layout.primary_key:
        raise refused("base", "a table without a primary key is loaded whole")
    return str(base["digest"])


def header_of(data: Mapping[str, Any], layout: Layout, *, numbered: bool) -> tuple[str, ...]:
    """The headings that the file must have: the columns' names, unless others are given; `_id` before differences."""
    header = _names("header", _value(data, "header", [column.name for column in layout.columns]))
    if len(header) != len(layout.columns):
        raise refused("header", f"there are {len(header)} headings for {len(layout.columns)} fields")
    return ("_id", *header) if numbered else header


def upload_of(data: Mapping[str, Any]) -> IO[bytes]:
    """The uploaded file.

    Raises:
        ValidationError: there is none.
    """
    upload = getattr(data.get("upload"), "stream", None)
    if upload is None:
        raise refused("upload", "send the rows as a file, in a multipart form")
    return upload  # type: ignore[no-any-return]


def switch_of(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters for `package_revise`, and the tokens of the tables by their resources' ids.

    Raises:
        ValidationError: one of both is no such thing.
    """
    revise, tables = _value(data, "revise", None), _value(data, "tables", {})
    if not isinstance(revise, dict):
        raise refused("revise", "give the parameters of package_revise, as an object")
    if not isinstance(tables, dict) or not all(isinstance(token, str) for token in tables.values()):
        raise refused("tables", "give an object from resource ids to what release_load returned as twin")
    return revise, tables


def _value(data: Mapping[str, Any], name: str, default: object) -> Any:
    """A parameter; in a form it is JSON text."""
    value = data.get(name, default)
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return json.loads(value)
    except ValueError as error:
        raise refused(name, f"this is no JSON: {error}") from None


def _names(parameter: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise refused(parameter, "give a list of columns' names")
    return tuple(value)
