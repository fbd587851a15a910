"""The digest of a shared table's rows, which a bureau can make anew of what it read.

Each row is the concatenation of its values in the table's column order, each as a netstring (`<bytes>:<text>,`), a
missing value as `-`; the text of a value is as `columns.SharedColumn.text` says. The row's SHA-256 is taken in hex.
The digest is the SHA-256 of these 64-character hex texts, sorted, each followed by a newline. So the order of rows
means nothing, and a row that stands there twice counts twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

from pipelines.targets.sharing.columns import SharedColumn

_BATCH = 50_000


def _netstring(one: SharedColumn) -> str:
    text = one.text
    return f"coalesce(strlen({text}) || ':' || {text} || ',', '-')"


def rows_digest(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[SharedColumn]) -> str:
    """The digest, "sha256:…", of the rows of a table or view with these columns."""
    row = f"concat({', '.join(map(_netstring, columns))})"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE row_digests AS SELECT sha256({row}) AS digest FROM {table}")
    cursor = connection.execute("SELECT digest FROM row_digests ORDER BY digest")
    whole = hashlib.sha256()
    while batch := cursor.fetchmany(_BATCH):
        whole.update("".join(f"{digest}\n" for (digest,) in batch).encode())
    return f"sha256:{whole.hexdigest()}"
