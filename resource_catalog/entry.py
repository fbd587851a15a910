"""One resource of the catalogue, as `entries/<id>.yaml` declares it (INTERFACE.md; standards.md 1.1)."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetPydanticSchema, model_validator
from pydantic_core import core_schema

from resource_catalog.agency import Model
from resource_catalog.vocabulary import (
    OPENNESS,
    SHARING,
    UPDATE_CYCLE,
    Openness,
    Sharing,
    Term,
    UpdateCycle,
    read_term,
)


def _written_as(words: Any) -> GetPydanticSchema:
    """A field that is a plain word in YAML and a Term inside, and lists its words in the JSON Schema."""

    def core(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        word = core_schema.literal_schema(list(words))
        return core_schema.no_info_after_validator_function(
            lambda written: read_term(words, written),
            word,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda term: term.written),
        )

    return GetPydanticSchema(core)


OpennessTerm = Annotated[Term[Openness], _written_as(OPENNESS)]
SharingTerm = Annotated[Term[Sharing], _written_as(SHARING)]
UpdateCycleTerm = Annotated[Term[UpdateCycle], _written_as(UPDATE_CYCLE)]

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class Source(Model):
    """Where a resource's data lives: exactly one of `path`, `database` (with `table` or `query`) and `url`."""

    path: str | None = Field(None, description="relative to resource_catalog/, or absolute under data_roots")
    database: str | None = Field(None, description="a name under agency.yaml's databases")
    table: str | None = None
    query: str | None = None
    url: str | None = Field(None, description="http(s) address on one of agency.yaml's web_hosts")
    format: Literal["csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "parquet"] | None = Field(
        None, description="default: by the file's ending"
    )
    encoding: str | None = Field(None, description="default: BOM, then strict UTF-8, then strict GB18030")
    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    quote: Annotated[str, Field(max_length=1)] | None = None
    escape: Annotated[str, Field(max_length=1)] | None = None
    sheet: str | int | None = Field(None, description="workbook: the sheet's name, or its position from 1; default: 1")
    header_row: int | tuple[int, int] | None = Field(
        None, description="row of the headings, from 1; [first, last] where they span rows; 0: there are none"
    )
    footer_rows: int = Field(0, ge=0, description="rows at the end that are no data (totals, notes)")
    hidden: bool = Field(False, description="the sheet is hidden and is meant all the same")
    records: str | None = Field(None, description="json: dotted path to the list of records")
    null_values: tuple[str, ...] | None = Field(None, description="cells that mean 'no value'; added to the schema's")
    allow_empty: bool = Field(False, description="a table without rows is right")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [name for name in ("path", "database", "url") if getattr(self, name) is not None]
        if len(places) != 1:
            raise ValueError("a source has exactly one of path, database and url")
        if (self.table is not None) + (self.query is not None) != (self.database is not None):
            raise ValueError("a database source, and only that, has exactly one of table and query")
        return self


class Deadline(Model):
    """The disclosure clock that runs for a resource (standards.md 6)."""

    rule: str


class Entry(Model):
    """A catalogue entry: what the resource is, who answers for it, who may have it, where it comes from."""

    id: Slug
    code: str = Field(min_length=1, description="信息资源代码")
    title: str = Field(min_length=1, max_length=500, description="信息资源名称")
    title_en: str = ""
    summary: str = Field("", description="信息资源摘要")
    summary_en: str = ""
    provider: str = Field("", description="信息资源提供方; default: the agency")
    provider_code: str = Field("", description="信息资源提供方代码; default: the agency's")
    owner: str = Field(min_length=1, description="the section that answers for it")
    theme: str = Field("", description="数据领域")
    classification: str = Field("", description="信息资源分类")
    keywords: tuple[str, ...] = ()
    openness: OpennessTerm
    openness_basis: str = ""
    openness_condition: str = Field("", description="开放条件")
    opened: datetime.date | None = Field(None, description="date first opened to society")
    issued: datetime.date | None = Field(None, description="发布日期")
    sharing: SharingTerm
    sharing_condition: str = ""
    sharing_basis: str = ""
    sharing_mode: str = Field("", description="共享方式")
    update_cycle: UpdateCycleTerm
    licence: str = ""
    resource_format: str = Field("", description="信息资源格式, as the catalogue has it")
    related: tuple[str, ...] = Field((), description="关联资源代码")
    source: Source | None = None
    schema_name: Slug | None = Field(None, alias="schema", description="schemas/<name>.schema.json; default: the id")
    suite: Slug | None = None
    deadline: Deadline | None = None
    channels: tuple[str, ...] | None = Field(None, description="default: by openness and sharing")

    @model_validator(mode="after")
    def _reasons_given(self) -> Self:
        if self.openness.code is not Openness.OPEN and not self.openness_basis:
            raise ValueError(f"openness_basis is required where openness is {self.openness.written}")
        if self.sharing.code is Sharing.CONDITIONAL and not self.sharing_condition:
            raise ValueError(f"sharing_condition is required where sharing is {self.sharing.written}")
        if self.sharing.code is Sharing.WITHHELD and not self.sharing_basis:
            raise ValueError(f"sharing_basis is required where sharing is {self.sharing.written}")
        return self

    @property
    def schema_id(self) -> str:
        """Name of the entry's Table Schema."""
        return self.schema_name or self.id
