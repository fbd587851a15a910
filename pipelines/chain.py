"""Hash-chained tables: rows are only ever appended, and one that was changed, dropped or moved is found.

A row's hash covers the hash of the row before, its own number and all its fields. The default database is SQLite in the
home; PostgreSQL where several machines publish (OPENDATA_LEDGER_URL).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from pipelines.home import disk_failure
from resource_catalog.errors import LockedError, OutsideError, UsageError

_GENESIS = "0" * 64
#: A harmed SQLite file may hold texts that are none.
_FAILURES = (sql.exc.SQLAlchemyError, UnicodeDecodeError)
_RESTORE = "restore the ledger from its backup; nothing is published on a broken ledger"


@dataclass(frozen=True)
class ChainedTable:
    """A chained table's form.

    `columns` hold text, but for the `integers` among them, which may be absent; `subject` is the one that says what a
    row is about, for messages. The `founding` table is made with the database: where it is missing, the database was
    harmed. Another one may be missing in the database of an older program.
    """

    name: str
    columns: tuple[str, ...]
    subject: str
    integers: tuple[str, ...] = ()
    founding: bool = False
    called: str = "act"


@dataclass(frozen=True)
class Head:
    """How many rows a chain has, and the last one's hash."""

    count: int = 0
    hash: str = _GENESIS


class Database:
    """The database of the chains; its file is made with the first row, so that looking writes nothing.

    Args:
        url: An SQLAlchemy URL.
        file: The SQLite file behind it, if it is one.
    """

    def __init__(self, url: str | sql.URL, file: Path | None = None) -> None:
        # Without a pool: a connection is closed with its act, and none lives on in a ledger that nobody holds any more.
        self.engine = sql.create_engine(url, poolclass=sql.pool.NullPool)
        self.file = file
        self.metadata = sql.MetaData()

    def table(self, form: ChainedTable) -> sql.Table:
        """The table of a form, which is made, where it is missing, with whatever is written first."""
        known = self.metadata.tables.get(form.name)
        if known is not None:
            return known
        return sql.Table(
            form.name,
            self.metadata,
            sql.Column("seq", sql.Integer, primary_key=True, autoincrement=False),
            *(
                sql.Column(name, sql.Integer)
                if name in form.integers
                else sql.Column(name, sql.Text, nullable=False, index=name == form.subject)
                for name in form.columns
            ),
            sql.Column("hash", sql.String, nullable=False),
        )

    @property
    def is_unmade(self) -> bool:
        """Whether there is no file yet, or an empty one, as SQLite makes it before its first commit."""
        return self.file is not None and (not self.file.exists() or self.file.stat().st_size == 0)

    @property
    def place(self) -> str:
        """The file, or the address without its password."""
        return str(self.file) if self.file is not None else self.engine.url.render_as_string(hide_password=True)

    def failure(self, verb: str, error: Exception) -> OutsideError:
        """What to tell where the database can't be read or written."""
        cause = getattr(error, "orig", None) or error
        if self.file is not None:
            return disk_failure(f"the ledger can't be {verb}", self.file, cause)
        # SQLAlchemy's errors may repeat statements, never the URL.
        fix = "check the disk or OPENDATA_LEDGER_URL"
        return OutsideError(f"the ledger can't be {verb}: {cause}", where=self.place, fix=fix)


class Chain:
    """One hash-chained table of a database."""

    def __init__(self, database: Database, form: ChainedTable) -> None:
        self._database = database
        self._form = form
        self._table = database.table(form)

    def read(self) -> tuple[list[dict[str, Any]], Head]:
        """All rows in their order, each by column, and the head of the chain.

        Raises:
            OutsideError: the database can't be read, or a row is not the one that was written.
        """
        if self._database.is_unmade:
            return [], Head()
        try:
            with self._database.engine.connect() as connection:
                if not sql.inspect(connection).has_table(self._form.name):
                    return self._nothing_yet(), Head()
                found = connection.execute(sql.select(self._table).order_by(self._table.c.seq)).mappings().all()
        except _FAILURES as error:
            raise self._database.failure("read", error) from error
        rows = list(self._verified([dict(row) for row in found]))
        return rows, Head(len(rows), rows[-1]["hash"]) if rows else Head()

    def _nothing_yet(self) -> list[dict[str, Any]]:
        """No rows, where there can be none: a file gets its founding table and its first act in one commit."""
        if self._database.file is None or not self._form.founding:
            return []
        what = f"the ledger's file was cut short or harmed: no {self._form.called}s are in it"
        raise OutsideError(what, where=self._database.place, fix=_RESTORE)

    def append(self, rows: Sequence[Mapping[str, Any]], after: int | None = None) -> Head:
        """Write rows, all or none, and return the head that the chain has then.

        Args:
            rows: Each has all columns of the table but `seq` and `hash`.
            after: How many rows the writer knew of; None where it need not know.

        Raises:
            LockedError: somebody else wrote since.
            OutsideError: the database can't be written.
        """
        try:
            with self._database.engine.begin() as connection:
                self._database.metadata.create_all(connection)
                newest = sql.select(self._table.c.seq, self._table.c.hash).order_by(self._table.c.seq.desc()).limit(1)
                last = connection.execute(newest).first()
                head = Head(last.seq, last.hash) if last else Head()
                if after is not None and after != head.count:
                    raise self._moved(head.count - after)
                for row in rows:
                    head = Head(head.count + 1, _hash(head.hash, head.count + 1, row))
                    connection.execute(sql.insert(self._table).values(seq=head.count, hash=head.hash, **row))
        except _FAILURES as error:
            raise self._database.failure("written", error) from error
        return head

    def _moved(self, more: int) -> LockedError:
        what = f"another run wrote {more} {self._form.called}s meanwhile"
        return LockedError(what, where=self._database.place, fix="run again")

    def _verified(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        previous = _GENESIS
        for expected, row in enumerate(rows, start=1):
            previous = _hash(previous, expected, {key: row[key] for key in row if key not in ("seq", "hash")})
            if row["seq"] != expected or row["hash"] != previous:
                raise self.broken(expected, row)
            yield row

    def broken(self, number: int, row: Mapping[str, Any]) -> OutsideError:
        """What to tell where a row is not the one that was written."""
        called, subject = self._form.called, self._form.subject
        what = f"the ledger's {called} {number} is not the one that was written"
        return OutsideError(what, where=f"{called} {number}, {subject} {row[subject]}, {row['at']}", fix=_RESTORE)

    def cut(self, known: Head, head: Head) -> OutsideError:
        """What to tell where the chain once had rows that it has no more."""
        called = self._form.called
        what = f"the ledger was cut: {called} {head.count + 1} is missing, and there were {known.count}"
        return OutsideError(what, where=f"{called} {head.count + 1}, {self._database.place}", fix=_RESTORE)


def _hash(previous: str, seq: int, fields: Mapping[str, Any]) -> str:
    text = json.dumps([previous, seq, fields], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def open_database(url: str | None, default: Path) -> Database:
    """The database at a URL (SQLite or PostgreSQL), or the SQLite file `default`.

    Raises:
        UsageError: the URL names no database that can be opened here.
    """
    if not url:
        return Database(sql.URL.create("sqlite", database=str(default)), default)
    try:
        parsed = sql.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return Database(parsed)
    except (sql.exc.ArgumentError, ImportError) as error:
        # The message must not repeat the URL, which may hold a password.
        raise UsageError(
            "the address of the ledger can't be used: no such database or driver",
            where="OPENDATA_LEDGER_URL",
            fix="write postgresql://user:password@host/database, or unset it for the file in the home",
        ) from error
