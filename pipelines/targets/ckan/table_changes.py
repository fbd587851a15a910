"""What turns the rows that a DataStore shows into a release's: told by the release's own changes, else found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.engines.duck import beside, quote_name, quote_text
from pipelines.releases import OWN
from pipelines.targets.ckan.columns import Table
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import SHOWN, WANTED, store_hashes
from pipelines.targets.release_files import read_sums, refuse_changed

#: Cells in the table's order.
Row = tuple[Any, ...]
#: Cells by column.
Record = dict[str, str | None]

#: A column's type in the DataStore, and in Parquet, where equal values have equal texts; a number has many.
_TELLING = {("text", "VARCHAR"), ("int8", "BIGINT"), ("bool", "BOOLEAN"), ("date", "DATE")}
_BATCH = 20_000
#: The column of a release's changes that says what became of a row, as in Delta's change data feed (INTERFACE.md).
_KIND = "_change_type"


@dataclass(frozen=True)
class TableChanges:
    """Rows to be put, in a table of the release's connection, and those to be removed.

    Of a row that is changed, `_kept` has the columns that stay as they are, where that is known: what the portal isn't
    sent it need not write. In words it is searched by all columns again nevertheless.

    `name` is the column that names the removed, by the values `removed`: the key's, or `_id`. `changed` and `added` are
    counts of the put.
    """

    release: ReleaseRows
    name: str
    removed: tuple[Any, ...]
    changed: int
    added: int

    def records(self, *, new: bool) -> Iterator[Record]:
        """The rows to be added; or those to be changed: keys and what changes, where that is known, else all cells."""
        table = self.release.table
        ids = [column.id for column in table.columns]
        which = "_is_new" if new else "NOT _is_new"
        query = f"SELECT _kept, {cells_of(table)} FROM put WHERE {which} ORDER BY _number"
        for kept, *cells in fetch_rows(self.release, query):
            record = dict(zip(ids, cells, strict=True))
            yield {name: cell for name, cell in record.items() if name not in kept or name in table.primary_key}


def cells_of(table: Table) -> str:
    """The columns, quoted, one after the other."""
    return ", ".join(quote_name(column.id) for column in table.columns)


def fetch_rows(release: ReleaseRows, query: str) -> Iterator[Row]:
    """What a query gives, some at a time."""
    with beside(release.connection) as connection:
        connection.execute(query)
        while batch := connection.fetchmany(_BATCH):
            yield from batch


def keyed_by_one(table: Table) -> bool:
    """Whether rows can be named to CKAN by their key alone; else they are named by their `_id`, which must be read."""
    kinds = {column.id: column.type for column in table.columns}
    return len(table.primary_key) == 1 and kinds[table.primary_key[0]] in ("text", "int8")


def told_changes(release: ReleaseRows) -> TableChanges | None:
    """The release's own changes against the release before; None where they are against another, or can't tell all.

    Raises:
        OutsideError: the file is not the one that the release was made with.
    """
    own, before = release.release, release.before
    if own is None or before is None or not keyed_by_one(release.table):
        return None
    if own.descriptor[OWN]["previous"] != before.digest:
        return None
    refuse_changed(release.changes_file, read_sums(own)["changes.parquet"])
    execute = release.connection.execute
    execute(f"CREATE OR REPLACE VIEW told AS SELECT * FROM read_parquet({quote_text(release.changes_file)})")
    kinds = dict(execute("SELECT column_name, column_type FROM (DESCRIBE told)").fetchall())
    if any((column.type, kinds.get(column.name)) not in _TELLING for column in release.table.columns):
        return None
    return _from_told(release)


def _from_told(release: ReleaseRows) -> TableChanges | None:
    """The changes from their file alone: it has the texts of the CSV, which is no further read for them."""
    name = release.table.primary_key[0]
    texts = {column.id: f"CAST(told.{quote_name(column.name)} AS VARCHAR)" for column in release.table.columns}
    cells = ", ".join(f"{text} AS {quote_name(identity)}" for identity, text in texts.items())
    same = [
        f"CASE WHEN told.{cell} IS NOT DISTINCT FROM before.{cell} THEN {quote_text(column.id)} END"
        for column in release.table.columns
        for cell in (quote_name(column.name),)
    ]
    key = quote_name(next(column.name for column in release.table.columns if column.id == name))
    execute = release.connection.execute
    execute(
        f"CREATE OR REPLACE TABLE put AS SELECT row_number() OVER () AS _number, {cells},"
        f" told.{_KIND} = 'insert' AS _is_new,"
        f" CASE WHEN told.{_KIND} = 'insert' THEN [] ELSE [{', '.join(same)}] END AS _kept"
        f" FROM told LEFT JOIN (SELECT * FROM told WHERE {_KIND} = 'update_preimage') AS before USING ({key})"
        f" WHERE told.{_KIND} IN ('insert', 'update_postimage')"
    )
    ((rows, keys),) = execute(f"SELECT count(*), count(DISTINCT {quote_name(name)}) FROM put").fetchall()
    if rows != keys:  # a row has no key, or two have the same
        return None
    removed = execute(f"SELECT {texts[name]} FROM told WHERE {_KIND} = 'delete'").fetchall()
    added, changed = _counted(release)
    return TableChanges(release, name, tuple(row[0] for row in removed), changed, added)


def compared(release: ReleaseRows) -> TableChanges:
    """What turns SHOWN into WANTED; the removed, named by their `_id`, and a changed row where its key tells it."""
    execute = release.connection.execute
    for side in (SHOWN, WANTED):
        store_hashes(release.connection, side)
    same = "w._key = s._key AND w._copy = s._copy"
    removed = execute(f"SELECT s._number FROM {SHOWN}_hashes s ANTI JOIN {WANTED}_hashes w ON {same}").fetchall()
    other = f"{WANTED}_hashes w LEFT JOIN {SHOWN}_hashes s ON {same} WHERE w._hash IS DISTINCT FROM s._hash"
    numbers = f"SELECT w._number, s._hash IS NULL AS _is_new, CAST([] AS VARCHAR[]) AS _kept FROM {other}"
    execute(f"CREATE OR REPLACE TABLE put AS SELECT * FROM {WANTED} JOIN ({numbers}) USING (_number)")
    added, changed = _counted(release)
    return TableChanges(release, "_id", tuple(row[0] for row in removed), changed, added)


def _counted(release: ReleaseRows) -> tuple[int, int]:
    counted = "SELECT count(*) FILTER (_is_new), count(*) FILTER (NOT _is_new) FROM put"
    ((added, changed),) = release.connection.execute(counted).fetchall()
    return int(added), int(changed)
