"""A resource's DataStore table over the API: reading it whole, making it, adding, changing and removing rows."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from pipelines.engines.duck import quote_name
from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.columns import Table
from pipelines.targets.ckan.errors import NotFound
from pipelines.targets.ckan.pages import ABREAST, PageReader
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_tables import SHOWN, Checksum, checksum_of, define, read_csv
from pipelines.targets.ckan.table_changes import Record, Row, TableChanges

Element = TypeVar("Element")

#: Cells a page that is read back: some 10 MB of text.
_CELLS = 400_000
#: Rows a write: some hundred kB of JSON, and a transaction of a second or two.
BATCH = 5_000
#: Rows that are not worth a second call beside theirs.
_LEAST_BATCH = 250


def shown_fields(client: Client, resource: str, *, anonymous: bool) -> list[Mapping[str, Any]] | None:
    """The table's columns with types and dictionary, `_id` left out; None where there is no table."""
    asked = {"resource_id": resource, "limit": 0, "include_total": False}
    try:
        fields = client.read("datastore_search", asked, anonymous=anonymous)["fields"]
    except NotFound:
        return None
    return [field for field in fields if field["id"] != "_id"]


def read_rows(client: Client, resource: str, release: ReleaseRows, *, anonymous: bool) -> Checksum:
    """Read the whole table, page by page, into SHOWN beside the release's rows; its checksum.

    Pages are asked for as CSV: PostgreSQL writes it twice as fast as JSON, and tells NULL from an empty text. They stay
    as they came, since most tables are as they should be, and then nobody looks at a row of them again.
    """
    ids = ["_id", *(column.id for column in release.table.columns)]
    asked = {"resource_id": resource, "fields": ids, "records_format": "csv", "sort": "_id", "include_total": False}
    kinds = {"_id": "BIGINT"} | dict.fromkeys(ids[1:], "VARCHAR")
    found = Checksum(0, 0, 0)

    def take(page: Path) -> int:
        nonlocal found
        rows = checksum_of(release.connection, release.table, read_csv(page, kinds, header=False))
        found += rows
        return rows.rows

    def fetch(offset: int, limit: int, file: Path) -> int:
        page = {"offset": offset, "limit": limit}
        answer = client.read("datastore_search", {**asked, **page}, anonymous=anonymous)
        file.write_text(answer["records"], encoding="utf-8", newline="")
        return int(answer.get("limit", limit))

    reader = PageReader(fetch, Path(tempfile.mkdtemp(prefix="pages-", dir=release.folder)))
    pages = reader.read(max(1_000, _CELLS // len(ids)), release.checksum.rows, take)
    cells = ", ".join(quote_name(one) for one in ids[1:])
    shown = f"(SELECT _id AS _number, {cells} FROM {read_csv(pages, kinds, header=False)})"
    define(release.connection, SHOWN, release.table, shown)
    return found


def load_table(client: Client, resource: str, table: Table, rows: Iterator[Row], *, absent: bool) -> None:
    """A table with rows in the place of whatever is there; not to be repeated where an answer was lost.

    Args:
        client: The portal.
        resource: Whose table it will be.
        table: Its columns.
        rows: Its rows.
        absent: Whether there is none, as far as the portal says.

    Raises:
        UnknownOutcome: some rows may be there.
    """
    batches = _batches((dict(zip((one.id for one in table.columns), row, strict=True)) for row in rows), BATCH)
    if not absent:
        drop_table(client, resource)
    # One step for CKAN, so that most tables, which are small, take one call: if the table is there, its rows are.
    _create_table(client, resource, table, next(batches, []))
    for batch in batches:
        _upsert(client, resource, batch, "insert")


def _create_table(client: Client, resource: str, table: Table, records: Sequence[Record]) -> None:
    create = {
        "resource_id": resource,
        "force": True,
        "fields": table.fields,
        "primary_key": list(table.primary_key),
        "indexes": list(table.indexes),
        "records": list(records),
        "calculate_record_count": False,
    }
    client.settle(lambda: client.write("datastore_create", create), lambda: _made(client, resource))


def _made(client: Client, resource: str) -> bool | None:
    return True if shown_fields(client, resource, anonymous=False) is not None else None


def drop_table(client: Client, resource: str) -> None:
    """Remove the table; harmless where there is none."""

    def drop() -> bool:
        with suppress(NotFound):
            client.write("datastore_delete", {"resource_id": resource, "force": True})
        return True

    client.settle(drop, lambda: None if _made(client, resource) else True)


def write_dictionary(client: Client, resource: str, table: Table) -> None:
    """Renew labels and notes of a table whose columns stay."""
    renew = {"resource_id": resource, "force": True, "fields": table.fields, "calculate_record_count": False}
    client.settle(lambda: client.write("datastore_create", renew), lambda: None)


def change_rows(client: Client, resource: str, changes: TableChanges) -> int:
    """Change, add, remove, by ABREAST calls at a time, since readers see some of both; by how many calls.

    No two calls have a row in common.

    Raises:
        PortalError: the portal refused; what was done stays.
    """

    def put(batch: list[Record], method: str) -> None:
        _upsert(client, resource, batch, method)

    size = min(BATCH, max(_LEAST_BATCH, -(-changes.changed // ABREAST)))
    # `update` renews the full text, which `upsert` leaves as it was (ckan.md).
    calls = chain(
        (partial(put, batch, "update") for batch in _batches(changes.records(new=False), size)),
        (partial(put, batch, "insert") for batch in _batches(changes.records(new=True), BATCH)),
        (partial(delete, client, resource, changes.name, some) for some in _batches(iter(changes.removed), BATCH)),
    )
    made, coming = 0, deque[Future[None]]()
    with ThreadPoolExecutor(ABREAST) as abreast:
        for call in calls:
            coming.append(abreast.submit(call))
            made += 1
            if len(coming) > ABREAST:  # no more of the rows in hand than are soon to be sent
                coming.popleft().result()
        for one in coming:
            one.result()
    return made


def _batches(rows: Iterator[Element], size: int) -> Iterator[list[Element]]:
    while batch := list(islice(rows, size)):
        yield batch


def _upsert(client: Client, resource: str, records: Sequence[Record], method: str) -> None:
    # Without a count the portal forgets the one it had, and needs no Redis (reliability.md M13).
    asked = {"resource_id": resource, "force": True, "method": method, "calculate_record_count": False}
    client.write("datastore_upsert", {**asked, "records": list(records)})


def delete(client: Client, resource: str, column: str, values: Sequence[Any]) -> None:
    """Remove the rows that have one of the values in a column; harmless a second time."""
    asked = {"resource_id": resource, "force": True, "calculate_record_count": False}
    client.write("datastore_records_delete", {**asked, "filters": {column: list(values)}})
