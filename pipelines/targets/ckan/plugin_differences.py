"""What our plugin is sent where it has the rows of the release before: those that are new, changed, moved or gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.engines.duck import quote_name
from pipelines.targets.ckan.columns import Table
from pipelines.targets.ckan.release_rows import ReleaseRows
from pipelines.targets.ckan.row_digests import store_digests
from pipelines.targets.ckan.row_tables import SHOWN, WANTED

#: Rows that differ, of all, from which on all are loaded: they are then no more work.
_MOST = 0.5
#: Rows as they were, and in their old order: such a one stands behind all that stood before it.
_STAYING = f"""
CREATE OR REPLACE TABLE staying AS SELECT _number FROM (
    SELECT w._number, s._number AS place,
        max(s._number) OVER (ORDER BY w._number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS furthest
    FROM {WANTED}_digests w JOIN {SHOWN}_digests s ON w._key = s._key AND w._digest = s._digest
) WHERE furthest IS NULL OR place > furthest
"""
#: Rows whose keys are there no more.
_GONE = f"""
CREATE OR REPLACE TABLE gone AS
SELECT s._number FROM {SHOWN}_digests s ANTI JOIN {WANTED}_digests w ON w._key = s._key
"""


@dataclass(frozen=True)
class Differences:
    """A CSV of the rows that differ, the checksum of those from which they do, and what it is to be with them."""

    file: Path
    digest_before: str
    digest: str


def differences(release: ReleaseRows) -> Differences | None:
    """What differs from the release before; None where that is unknown, or not worth it, or no key tells rows apart.

    Of a row that is removed the key alone is written, of any other its number in front (`_id`).
    """
    if release.before is None or not release.table.primary_key:
        return None
    digest = release.store_digests()
    release.read_before()
    before = store_digests(release.connection, SHOWN, release.table)
    execute = release.connection.execute
    execute(_STAYING)
    execute(_GONE)
    counts = f"SELECT count(*), (SELECT count(*) FROM staying), (SELECT count(*) FROM gone) FROM {WANTED}_digests"
    ((rows, staying, gone),) = execute(counts).fetchall()
    if rows - staying + gone > _MOST * rows:
        return None
    return Differences(release.write_upload(_changes(release.table), "differences.csv"), before, digest)


def _changes(table: Table) -> str:
    cells = ", ".join(quote_name(column.id) for column in table.columns)
    keys = ", ".join(quote_name(column.id) if column.id in table.primary_key else "NULL" for column in table.columns)
    put = f"SELECT _number AS _id, {cells} FROM {WANTED} ANTI JOIN staying USING (_number)"
    removed = f"SELECT NULL, {keys} FROM {SHOWN} SEMI JOIN gone USING (_number)"
    return f"SELECT * FROM ({put} UNION ALL {removed}) ORDER BY _id NULLS FIRST"
