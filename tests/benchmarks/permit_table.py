"""A generated permit table for benchmarks: 12 columns of the usual forms, and a schema of 20 constraints.

It comes in editions, each a hundredth of the rows apart from the one before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

_COLUMNS = {
    "许可决定书文号": "'许字〔2016〕第' || lpad(i::VARCHAR, 8, '0') || '号'",
    "许可事项名称": "'名称变更登记（' || (hash(i) % 1000) || '）'",
    "许可类别": "['普通', '特许', '认可', '核准', '登记', '其他'][1 + (hash(i) % 6)::INT]",
    "许可内容": "'准予变更登记，名称为示例' || (hash(i) % 100000) || '商贸有限公司' || "
    "if(i % 125 < {edition} - 1, '（更正）', '')",
    "行政相对人名称": "'示例' || (hash(i * 7) % 1000000) || '科技有限公司'",
    "统一社会信用代码": "'91310000' || lpad((hash(i) % 1000000000)::VARCHAR, 9, '0') || 'X'",
    "工商登记码": "'3101150' || lpad((hash(i * 3) % 100000000)::VARCHAR, 8, '0')",
    "许可决定日期": "DATE '2015-01-01' + (hash(i) % 1000)::INT",
    "有效期至": "DATE '2018-01-01' + (hash(i * 11) % 1000)::INT",
    "许可机关": "'示例市监督管理局'",
    "当前状态": "hash(i) % 4",
    "区划代码": "310100 + (hash(i) % 20)::INT",
}


def write_csv(file: Path, rows: int, edition: int = 1) -> None:
    """Write `rows` rows; about 200 bytes each, always the same of an edition.

    Against the edition before, of 1,000 rows 1 is gone and 1 new (`rows` being a multiple of 1,000), and 8 are changed.
    """
    columns = ", ".join(f"{expression.format(edition=edition)} AS {name}" for name, expression in _COLUMNS.items())
    first = (edition - 1) * (rows // 1_000)
    numbers = f"range({first}, {first + rows}) AS t(i)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns} FROM {numbers}) TO '{file}' (FORMAT csv, HEADER)")


def write_parquet(file: Path, rows: int) -> None:
    """The first edition as Parquet, every column as text, as an export of strings would have it."""
    columns = ", ".join(
        f"CAST({expression.format(edition=1)} AS VARCHAR) AS {name}" for name, expression in _COLUMNS.items()
    )
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns} FROM range({rows}) AS t(i)) TO '{file}' (FORMAT parquet)")


#: Table Schema type → DuckDB's.
KINDS = {"string": "VARCHAR", "date": "DATE", "integer": "BIGINT"}


def _field(name: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


def schema() -> dict[str, Any]:
    """A Table Schema of 20 constraints beside types and primary key."""
    return {
        "fields": [
            _field("许可决定书文号", required=True, maxLength=256, pattern=r".*〔\d{4}〕.*"),
            _field("许可事项名称", required=True, maxLength=512),
            _field("许可类别", required=True, enum=["普通", "特许", "认可", "核准", "登记", "其他"]),
            _field("许可内容", required=True, maxLength=4096),
            _field("行政相对人名称", required=True, minLength=2),
            _field("统一社会信用代码", pattern="[0-9A-HJ-NPQRTUWXY]{18}"),
            _field("工商登记码", pattern=r"\d{15}"),
            _field("许可决定日期", "date", required=True, minimum="2015-01-01"),
            _field("有效期至", "date", maximum="2099-12-31"),
            _field("许可机关", required=True),
            _field("当前状态", "integer", enum=[0, 1, 2, 3]),
            _field("区划代码", pattern=r"31\d{4}"),
        ],
        "primaryKey": ["许可决定书文号"],
    }


def schema_of_thirty() -> dict[str, Any]:
    """A Table Schema of 30 constraints, its primary key among them, that all rows keep."""
    return {
        "fields": [
            _field("许可决定书文号", required=True, minLength=10, maxLength=256, pattern=r".*〔\d{4}〕.*"),
            _field("许可事项名称", required=True, maxLength=512, pattern=r".*（\d+）"),
            _field("许可类别", required=True, enum=["普通", "特许", "认可", "核准", "登记", "其他"]),
            _field("许可内容", required=True, maxLength=4096),
            _field("行政相对人名称", required=True, minLength=2, pattern=r"示例\d+科技有限公司"),
            _field("统一社会信用代码", minLength=18, maxLength=18, pattern="[0-9A-HJ-NPQRTUWXY]{18}"),
            _field("工商登记码", pattern=r"\d{15}"),
            _field("许可决定日期", "date", required=True, minimum="2015-01-01", maximum="2099-12-31"),
            _field("有效期至", "date", minimum="2015-01-01", maximum="2099-12-31"),
            _field("许可机关", required=True, enum=["示例市监督管理局"]),
            _field("当前状态", "integer", enum=[0, 1, 2, 3], minimum=0),
            _field("区划代码", required=True, pattern=r"31\d{4}"),
        ],
        "primaryKey": ["许可决定书文号"],
    }
