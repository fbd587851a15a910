"""A generated permit table for benchmarks: 12 columns of the usual forms, and a schema of 20 constraints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

_COLUMNS = {
    "licence_no": "'许字〔2016〕第' || lpad(i::VARCHAR, 8, '0') || '号'",
    "item": "'名称变更登记（' || (hash(i) % 1000) || '）'",
    "category": "['普通', '特许', '认可', '核准', '登记', '其他'][1 + (hash(i) % 6)::INT]",
    "content": "'准予变更登记，名称为示例' || (hash(i) % 100000) || '商贸有限公司'",
    "holder": "'示例' || (hash(i * 7) % 1000000) || '科技有限公司'",
    "credit_code": "'91310000' || lpad((hash(i) % 1000000000)::VARCHAR, 9, '0') || 'X'",
    "registration_no": "'3101150' || lpad((hash(i * 3) % 100000000)::VARCHAR, 8, '0')",
    "decided_on": "DATE '2015-01-01' + (hash(i) % 1000)::INT",
    "valid_until": "DATE '2018-01-01' + (hash(i * 11) % 1000)::INT",
    "authority": "'示例市监督管理局'",
    "status": "hash(i) % 4",
    "division": "310100 + (hash(i) % 20)::INT",
}


def write_csv(file: Path, rows: int) -> None:
    """Write `rows` rows; about 200 bytes each, always the same."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in _COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns} FROM range({rows}) AS t(i)) TO '{file}' (FORMAT csv, HEADER)")


def _field(name: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


def schema() -> dict[str, Any]:
    """A Table Schema of 20 constraints beside types and primary key."""
    return {
        "fields": [
            _field("licence_no", required=True, maxLength=256, pattern=r".*〔\d{4}〕.*"),
            _field("item", required=True, maxLength=512),
            _field("category", required=True, enum=["普通", "特许", "认可", "核准", "登记", "其他"]),
            _field("content", required=True, maxLength=4096),
            _field("holder", required=True, minLength=2),
            _field("credit_code", pattern="[0-9A-HJ-NPQRTUWXY]{18}"),
            _field("registration_no", pattern=r"\d{15}"),
            _field("decided_on", "date", required=True, minimum="2015-01-01"),
            _field("valid_until", "date", maximum="2099-12-31"),
            _field("authority", required=True),
            _field("status", "integer", enum=[0, 1, 2, 3]),
            _field("division", pattern=r"31\d{4}"),
        ],
        "primaryKey": ["licence_no"],
    }
