"""Python functions that SQL calls: each is known to a whole instance of DuckDB, and may be defined there once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

import duckdb

#: What SQL names a type by, or one that DuckDB made.
Type = Any
_ONE_AT_A_TIME = threading.Lock()


def define_function(
    connection: duckdb.DuckDBPyConnection, name: str, call: Callable[..., Any], parameters: Sequence[Type], result: Type
) -> None:
    """Let SQL call a function, unless it can already: to ask for that takes 20 ms, and to be refused nothing."""
    with _ONE_AT_A_TIME:
        try:
            connection.create_function(name, call, list(parameters), result)
        except (duckdb.CatalogException, duckdb.NotImplementedException) as error:
            if "already" not in str(error):
                raise


def _full_match(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def define_python_match(connection: duckdb.DuckDBPyConnection) -> None:
    """Let SQL call `python_full_match(text, pattern)`."""
    define_function(connection, "python_full_match", _full_match, ["VARCHAR", "VARCHAR"], "BOOLEAN")
