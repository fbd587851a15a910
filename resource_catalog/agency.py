"""The agency that publishes: its names, codes, vocabularies, data roots, databases and thresholds (`agency.yaml`)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from resource_catalog.deadline_rule import Editions
from resource_catalog.sharing_settings import SharingTarget
from resource_catalog.strict_model import Model

#: Code grammar of the national guide: 类 项 目 细目 / 顺序码 (发改高技术〔2017〕1272号; standards.md 1.1).
NATIONAL_CODE_PATTERN = r"^[1-9]\d{2}\d{3}\d*/\d+$"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"


def _is_variable(name: str) -> str:
    if name and not re.fullmatch(_VARIABLE, name):
        # Without the value: who takes the key for the secret itself must not find it in a log.
        raise PydanticCustomError("no_variable_name", "must be the name of an environment variable, not what it holds")
    return name


VariableName = Annotated[str, AfterValidator(_is_variable), Field(json_schema_extra={"pattern": f"^({_VARIABLE})?$"})]


class Database(Model):
    """A database that entries read from; its secret comes from a named environment variable, never from the file."""

    kind: Literal["sqlite", "postgres", "mysql"]
    path: str = Field("", description="sqlite: the file, relative to resource_catalog/ or absolute under data_roots")
    host: str = Field("127.0.0.1", description="postgres, mysql: the server's name or address")
    port: int | None = Field(None, description="postgres, mysql: default by kind")
    name: str = Field("", description="postgres, mysql: the database's name")
    user: str = Field("", description="postgres, mysql: who connects; may only read")
    password_env: VariableName = Field("", description="name of the environment variable that holds the password")
    address_env: VariableName = Field(
        "",
        description="name of the environment variable that may hold the address of a server to read in place of what "
        "stands here: postgresql://user@host:port/name or mysql://…",
    )

    @property
    def address(self) -> str:
        """The server's address that the environment gives, which may hold a password; "" where it gives none."""
        return os.environ.get(self.address_env, "").strip() if self.address_env else ""

    @property
    def is_file(self) -> bool:
        """Whether it is read from its file: the environment names no server in its place."""
        return self.kind == "sqlite" and not self.address


class Contact(Model):
    """Where the public asks about the data."""

    name: str = Field("", description="person or section")
    email: str = Field("", description="e-mail address")
    phone: str = Field("", description="telephone number, in quotes")
    url: str = Field("", description="page with a form or more ways to ask")


class Thresholds(Model):
    """What a dataset must reach to be published."""

    minimum_score: float = Field(0, ge=0, le=100, description="quality score from 0 to 100")
    profile: Literal["GB/T 36344-2018", "DB31/T 1523-2024"] = Field(
        "GB/T 36344-2018", description="the standard whose indicators make the score"
    )
    examples_per_rule: int = Field(10, ge=1, le=1000, description="example cells that a report lists per broken rule")
    rows_change: float = Field(
        0.25,
        gt=0,
        description="share by which a dataset's rows may become more or fewer than the last release's before someone "
        "must confirm it",
    )
    rows_change_floor: int = Field(
        50, ge=0, description="where fewer rows than this came or went, nobody need confirm it: small tables leap"
    )


class StaticTarget(Model):
    """The embedded portal of plain files."""

    enabled: bool = True
    base_url: str = Field(
        "http://127.0.0.1:8000/",
        description="address under which the portal's folder is served; ends with /",
        json_schema_extra={"pattern": "^https?://"},
    )

    @field_validator("base_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        if not re.match(r"^https?://", value):
            raise ValueError("base_url must begin with http:// or https://")
        return value if value.endswith("/") else value + "/"


class CkanTarget(Model):
    """The CKAN portal whose address and token the environment gives (CKAN_URL, CKAN_TOKEN); without them, none."""

    organisation: str = Field("", description="name of the portal's organisation that publishes; default: the id")
    prefix: Annotated[str, Field(pattern=r"^([a-z0-9]+-)*$", max_length=40)] = Field(
        "", description="what the names of all datasets there begin with, ending in -"
    )
    way: Literal["auto", "plugin", "stock"] = Field(
        "auto", description="plugin: by our plugin, in one step; stock: by CKAN's own actions; auto: as the portal can"
    )
    grace: int = Field(10, ge=2, le=200, description="how many releases stay listed, the shown one among them")
    patience: int = Field(
        60, ge=0, le=3600, description="seconds to wait for a portal that goes away in the midst of a run"
    )
    allow_sql_search: bool = Field(
        False, description="publish although the portal answers datastore_search_sql, which has had holes"
    )


class DueDays(Model):
    """Calendar days from the day a fault was found to the day it is to be mended."""

    must: int = Field(7, ge=0, le=366, description="a fault that must be mended")
    should: int = Field(28, ge=0, le=366, description="a fault that should be mended")


class SelfCheckSettings(Model):
    """How the catalogue's own self-check sets its dates, and who answers for what no section does.

    All days are calendar days: next year's working days are not known before the holiday notice (standards.md 6).
    """

    owner: str = Field(
        "", description="the section that answers for faults of no one entry; default: the contact's name, the agency"
    )
    due_days: DueDays = Field(DueDays(), description="from the day a fault was found to the day it is to be mended")
    open_within_days: Annotated[int, Field(ge=0)] | None = Field(
        None, description="days from 发布日期 in which a 公开 resource is to be opened; absent: by the end of that year"
    )
    grace_days: int = Field(7, ge=0, le=366, description="days beyond the update cycle before a resource is stale")


class Targets(Model):
    """Where releases go."""

    static: StaticTarget = Field(StaticTarget(), description="the embedded portal of plain files")
    ckan: CkanTarget = Field(CkanTarget(), description="the CKAN portal of CKAN_URL and CKAN_TOKEN")
    sharing: SharingTarget = Field(SharingTarget(), description="the sharing platform for other bureaus")


class Agency(Model):
    """One publishing agency; `id`, `name` and `code` are required, the rest has defaults."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="short name in ASCII")]
    name: str = Field(min_length=1, description="full name, as on its seal")
    code: str = Field(min_length=1, description="统一社会信用代码, or the country's own code of public bodies")
    name_en: str = Field("", description="the name in English")
    other_names: tuple[str, ...] = Field((), description="former and short names")
    other_codes: tuple[str, ...] = Field((), description="former and other codes, each in quotes")
    language: str = Field("zh", description="language of the data, BCP 47")
    jurisdiction: str = Field("", description="place name, for the metadata's spatial coverage")
    jurisdiction_uri: str = Field("", description="the place's URI, for DCAT")
    homepage: str = Field("", description="the agency's own web site")
    contact: Contact = Field(Contact(), description="where the public asks about the data")
    themes: tuple[str, ...] = Field((), description="the 数据领域 that entries may name; empty: any")
    theme_uris: dict[str, str] = Field({}, description="theme → URI of an EU data theme, for DCAT")
    licence: str = Field("", description="default licence of entries without one")
    licence_url: str = Field("", description="address of the default licence's text")
    code_pattern: str = Field(
        NATIONAL_CODE_PATTERN,
        description="grammar of 信息资源代码, a regular expression",
        json_schema_extra={"format": "regex"},
    )
    data_roots: tuple[Annotated[str, Field(json_schema_extra={"pattern": "^/"})], ...] = Field(
        (), description="absolute folders that sources may lie in"
    )
    web_hosts: tuple[str, ...] = Field((), description="host[:port] that url sources may be fetched from")
    databases: dict[str, Database] = Field({}, description="name → database that entries read from")
    deadline_rules: dict[str, Editions] = Field(
        {}, description="name → the disclosure clock that entries name in deadline, or a list of its editions by date"
    )
    targets: Targets = Field(Targets(), description="where releases go")
    thresholds: Thresholds = Field(Thresholds(), description="what a dataset must reach to be published")
    self_check: SelfCheckSettings = Field(
        SelfCheckSettings(), description="the dates and the owner of what opendata catalog check finds"
    )
    approval: Literal["none", "required"] = Field("none", description="whether a second person must approve a plan")
    how_to_apply: str = Field("", description="how the public asks for 依申请公开 datasets")

    @property
    def follows_national_guide(self) -> bool:
        """Whether its catalogue is one of the national guide (发改高技术〔2017〕1272号): its language is Chinese."""
        return self.language.split("-")[0].lower() == "zh"

    @property
    def names(self) -> tuple[str, ...]:
        """What it is or was called."""
        return (self.name, *self.other_names)

    @field_validator("data_roots")
    @classmethod
    def _are_absolute(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        relative = [root for root in value if not Path(root).is_absolute()]
        if relative:
            raise ValueError(f"data_roots are absolute folders, and {', '.join(map(repr, relative))} is none")
        return value

    @field_validator("code_pattern")
    @classmethod
    def _is_regular_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value
