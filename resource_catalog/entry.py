"""One resource of the catalogue, as `entries/<id>.yaml` declares it (INTERFACE.md; standards.md 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from resource_catalog.quality_settings import QualitySettings
from resource_catalog.strict_model import Date, Model, Slug, as_list
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


def _required_beside(info: ValidationInfo, key: str, codes: tuple[StrEnum, ...], value: str) -> str:
    """Refuse an empty value where the term of another key has one of the codes."""
    term = info.data.get(key)
    if term is not None and term.code in codes and not value:
        context = {"beside": key, "word": term.written}
        raise PydanticCustomError("required_beside", "required where {beside} is {word}", context)
    return value


def _schema_of_required(key: str, words: Mapping[str, StrEnum], codes: tuple[StrEnum, ...], needed: str) -> Any:
    """The same rule as JSON Schema."""
    concerned = [word for word, code in words.items() if code in codes]
    return {
        "if": {"properties": {key: {"enum": concerned}}, "required": [key]},
        "then": {"properties": {needed: {"minLength": 1}}, "required": [needed]},
    }


def _schema_of_given(key: str) -> Any:
    return {"properties": {key: {"type": "string"}}, "required": [key]}


#: The keys of which a source has exactly one.
PLACES = ("path", "database", "url", "catalogue")
NonEmpty = Annotated[str, Field(min_length=1)]


class Source(Model):
    """Where a resource's data lives: exactly one of the PLACES; `database` has `table` or `query` beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [_schema_of_given(place) for place in PLACES],
            "if": _schema_of_given("database"),
            "then": {"oneOf": [_schema_of_given("table"), _schema_of_given("query")]},
            "else": {"not": {"anyOf": [_schema_of_given("table"), _schema_of_given("query")]}},
        }
    )

    path: str | None = Field(None, description="file, relative to resource_catalog/ or absolute under data_roots")
    database: str | None = Field(None, description="a name under agency.yaml's databases; needs table or query")
    table: str | None = Field(None, description="table or view of the database")
    query: str | None = Field(None, description="SELECT statement on the database")
    url: str | None = Field(None, description="http(s) address on one of agency.yaml's web_hosts")
    catalogue: Literal["open", "all"] | None = Field(
        None, description="the catalogue's own entries, a row each: open: those that are open or on request; all"
    )
    format: Literal["csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "parquet"] | None = Field(
        None, description="default: by the file's ending"
    )
    encoding: str | None = Field(None, description="default: BOM, then strict UTF-8, then strict GB18030")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        None, description="csv: what separates cells; default: sniffed"
    )
    quote: Annotated[str, Field(max_length=1)] | None = Field(
        None, description="csv: the quote sign; empty: there is none; default: sniffed"
    )
    escape: Annotated[str, Field(max_length=1)] | None = Field(
        None, description="csv: what stands before a quote sign inside quotes; default: sniffed"
    )
    sheet: str | int | None = Field(None, description="workbook: the sheet's name, or its position from 1; default: 1")
    header_row: int | tuple[int, int] | None = Field(
        None, description="row of the headings, from 1; [first, last] where they span rows; 0: there are none"
    )
    footer_rows: int = Field(0, ge=0, description="rows at the end that are no data (totals, notes)")
    hidden: bool = Field(False, description="the sheet is hidden and is meant all the same")
    columns: dict[NonEmpty, NonEmpty] = Field(
        default_factory=dict,
        description="{heading: field name} where a heading is neither its field's name nor its title",
    )
    records: str | None = Field(None, description="json: dotted path to the list of records")
    null_values: tuple[str, ...] | None = Field(None, description="cells that mean 'no value'; added to the schema's")
    allow_empty: bool = Field(False, description="a table without rows is right")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(getattr(self, place) is not None for place in PLACES) != 1:
            raise ValueError(f"a source has exactly one of {', '.join(PLACES)}")
        if (self.table is not None) + (self.query is not None) != (self.database is not None):
            raise ValueError("a database source, and only that, has exactly one of table and query")
        return self


class Period(Model):
    """The time that the data are about (时间范围; standards.md 1.2)."""

    start: Date = Field(description="first day")
    end: Date | None = Field(None, description="last day; absent: it goes on")

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.end and self.end < self.start:
            raise ValueError("a period doesn't end before it starts")
        return self


class Deadline(Model):
    """A disclosure clock that runs for a resource (standards.md 6)."""

    rule: str = Field(description="a name under agency.yaml's deadline_rules, such as double-publicity")


def _each_once(deadline: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
    names = [clock.rule for clock in deadline]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"{twice} is there twice")
    return deadline


def _written_deadline(deadline: tuple[Deadline, ...]) -> dict[str, str] | list[dict[str, str]]:
    written = [{"rule": clock.rule} for clock in deadline]
    return written[0] if len(written) == 1 else written


#: The clocks of a resource; in YAML a lone mapping or a list of them.
Deadlines = Annotated[
    tuple[Deadline, ...],
    AfterValidator(_each_once),
    BeforeValidator(as_list, json_schema_input_type=Deadline | tuple[Deadline, ...] | None),
    PlainSerializer(_written_deadline),
]


class Entry(Model):
    """A catalogue entry: what the resource is, who answers for it, who may have it, where it comes from."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                _schema_of_required("openness", OPENNESS, (Openness.ON_REQUEST, Openness.WITHHELD), "openness_basis"),
                _schema_of_required("sharing", SHARING, (Sharing.CONDITIONAL,), "sharing_condition"),
                _schema_of_required("sharing", SHARING, (Sharing.WITHHELD,), "sharing_basis"),
            ]
        }
    )

    id: Slug = Field(description="immutable name in ASCII: a-z, 0-9 and single hyphens; the file's name, too")
    code: str = Field(min_length=1, description="信息资源代码, in quotes; its grammar is agency.yaml's code_pattern")
    title: str = Field(min_length=1, max_length=500, description="信息资源名称; unique per provider")
    title_en: str = Field("", description="the title in English")
    summary: str = Field("", description="信息资源摘要; should mention the key 信息项")
    summary_en: str = Field("", description="the summary in English")
    provider: str = Field("", description="信息资源提供方; default: the agency")
    provider_code: str = Field("", description="信息资源提供方代码; default: the agency's")
    owner: str = Field(min_length=1, description="the section that answers for it")
    theme: str = Field("", description="数据领域; one of agency.yaml's themes, where it has any")
    classification: str = Field("", description="信息资源分类 (类/项/目/细目)")
    keywords: tuple[str, ...] = Field((), description="words that the public would search for")
    openness: OpennessTerm = Field(description="公开方式, in the catalogue's own word, which is kept as written")
    openness_basis: str = Field(
        "", description="law or reason; required unless it is open to everyone", validate_default=True
    )
    openness_condition: str = Field("", description="开放条件")
    opened: Date | None = Field(None, description="date first opened to society; absent: not yet")
    issued: Date | None = Field(None, description="发布日期")
    period: Period | None = Field(None, description="时间范围: which time the data are about, for the metadata")
    sharing: SharingTerm = Field(description="共享类型, in the catalogue's own word, which is kept as written")
    sharing_condition: str = Field("", description="共享条件; required for 有条件共享", validate_default=True)
    sharing_basis: str = Field("", description="不予共享依据; required for 不予共享", validate_default=True)
    sharing_mode: str = Field("", description="共享方式")
    update_cycle: UpdateCycleTerm = Field(description="更新周期, as a label: a digit means nothing")
    licence: str = Field("", description="licence of the published data; default: agency.yaml's")
    resource_format: str = Field("", description="信息资源格式, as the catalogue has it")
    related: tuple[str, ...] = Field((), description="关联资源代码: codes of other entries")
    source: Source | None = Field(None, description="where the data lives; absent: nowhere yet")
    schema_name: Slug | None = Field(None, alias="schema", description="schemas/<name>.schema.json; default: the id")
    suite: Slug | None = Field(
        None, description="quality/suites/<name>.json; default: the id, where there is such a file"
    )
    quality: QualitySettings = Field(
        QualitySettings(), description="the dataset's own thresholds, rows that may be held back, waivers"
    )
    deadline: Deadlines = Field((), description="which disclosure clock runs, {rule: name}, or a list of such")
    channels: tuple[str, ...] | None = Field(
        None, description="portal, sharing or another target; default: by openness and sharing"
    )

    @field_validator("openness_basis")
    @classmethod
    def _basis_unless_open(cls, value: str, info: ValidationInfo) -> str:
        return _required_beside(info, "openness", (Openness.ON_REQUEST, Openness.WITHHELD), value)

    @field_validator("sharing_condition")
    @classmethod
    def _condition_of_sharing(cls, value: str, info: ValidationInfo) -> str:
        return _required_beside(info, "sharing", (Sharing.CONDITIONAL,), value)

    @field_validator("sharing_basis")
    @classmethod
    def _basis_of_no_sharing(cls, value: str, info: ValidationInfo) -> str:
        return _required_beside(info, "sharing", (Sharing.WITHHELD,), value)

    @property
    def schema_id(self) -> str:
        """Name of the entry's Table Schema."""
        return self.schema_name or self.id
