"""What a kind of database server must tell, so that its tables can be read as text through DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class ServerKind:
    """A kind of server.

    `text_query` gives, for what may stand after FROM on the server, its headings and the SELECT for DuckDB that yields
    its columns as text; the server is attached as `source`.
    """

    extension: str
    port: int
    quote_name: Callable[[str], str]
    text_query: Callable[[duckdb.DuckDBPyConnection, str], tuple[list[str], str]]
    attach_options: str = ""
    settings: str = ""
