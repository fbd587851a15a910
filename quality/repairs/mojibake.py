"""The repair of GBK text that was read as Latin-1: ÉæÆóÐÅÏ¢ is 涉企信息 (standards.md 8 no. 2).

No engine's SQL decodes GBK, so the distinct texts that look so are mended here, into a table that the expression asks.
"""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp

from quality.cells import column, literal
from quality.repairs.repair import call
from quality.table import EXTRACT
from resource_catalog.table_schema import SchemaField, TableSchema

NAME = "mojibake"
#: Two characters of GBK in a row, as Latin-1 shows their four bytes.
LOOKS_SO = r"[\x{A1}-\x{FE}]{4}"
_TABLE = "mended_texts"
#: What pure Chinese text has: Han, CJK punctuation, full-width forms, the few signs that GBK shares, and ASCII.
_CHINESE = re.compile(r"[\t\n\r\x20-\x7e\u3000-\u303f\u3400-\u9fff\uff00-\uffef·×—‘’“”…‰℃①-⑳]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
#: The first bytes of the 3,755 usual characters.
_FIRST_LEVEL = range(0xB0, 0xD8)
_TABLE_COLUMNS = ("before", "after")


def restored(text: str) -> str | None:
    """The Chinese text, if the round trip gives nothing but such, and leads back to the text; else None."""
    try:
        found = text.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return None
    pure = _CHINESE.fullmatch(found) and _is_usual(found)
    return found if pure and found.encode("gb18030").decode("latin-1") == text else None


def _is_usual(text: str) -> bool:
    """Whether most Han characters are of GB 2312's first level: words with four accents in a row become rarer ones."""
    leads = [character.encode("gb18030")[0] for character in _HAN.findall(text)]
    return 2 * sum(lead in _FIRST_LEVEL for lead in leads) > len(leads)


def first_of_its_field(field: SchemaField, _schema: TableSchema) -> str:
    """For texts, as they are in the source."""
    if field.type not in ("string", "any"):
        return f"is for fields of text, and this one is {field.type}"
    return "" if field.repair[0] == NAME else "must be the first repair of its field"


def learn(connection: duckdb.DuckDBPyConnection, schema: TableSchema, headings: tuple[str, ...]) -> None:
    """Fill the table of mended texts from the columns that declare the repair; none is made where none does."""
    wanted = [field.name for field in schema.fields if NAME in field.repair and field.name in headings]
    if not wanted:
        return
    connection.execute(f"CREATE OR REPLACE TABLE {_TABLE} (before VARCHAR PRIMARY KEY, after VARCHAR)")
    for name in wanted:
        cell = column(name).sql("duckdb", identify=True)
        looking = f"SELECT DISTINCT {cell} FROM {EXTRACT} WHERE regexp_matches({cell}, ?)"
        texts = [text for (text,) in connection.execute(looking, [LOOKS_SO]).fetchall()]
        pairs = [(text, mended) for text in texts if (mended := restored(text))]
        if pairs:
            connection.executemany(f"INSERT OR IGNORE INTO {_TABLE} VALUES (?, ?)", pairs)


def mojibake(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """The text that `learn` found for it, or the text itself."""
    before, after = (exp.column(name, table="mended") for name in _TABLE_COLUMNS)
    asked = (
        exp.select(after).from_(exp.to_table(_TABLE).as_("mended")).where(exp.EQ(this=before, expression=text.copy()))
    )
    suspicious = call("regexp_matches", text, literal(LOOKS_SO))
    found = exp.Coalesce(this=asked.subquery(), expressions=[text.copy()])
    return exp.Case().when(suspicious, found).else_(text.copy())
