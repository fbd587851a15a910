"""Rules on what an entry says of its resource: 摘要, 分类, 格式, 共享属性, 开放属性 (standards.md 1.1; 8 no. 24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from resource_catalog import fault_rules as rules
from resource_catalog.agency import NATIONAL_CODE_PATTERN
from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError
from resource_catalog.lookalike import skeleton
from resource_catalog.vocabulary import Openness, Sharing
from resource_catalog.workspace import table_schema

#: What a reader of the public page would miss: the key's rule → what it is.
_EXPECTED = {
    "summary": (rules.SUMMARY_MISSING, "信息资源摘要"),
    "keywords": (rules.KEYWORDS_MISSING, "search words"),
    "licence": (rules.LICENCE_MISSING, "a licence, of its own or agency.yaml's"),
    "issued": (rules.ISSUED_MISSING, "发布日期"),
}
#: A summary says something from so many characters on, and names at least so many 信息项.
_SHORTEST, _NAMED = 10, 3
#: 信息资源格式 → the concrete formats that are of that class.
_CLASSES: dict[str, frozenset[str]] = {
    "电子文件": frozenset({"parquet", "txt"}),
    "电子表格": frozenset({"csv", "tsv", "xls", "xlsx", "xlsm", "ods"}),
    "数据库": frozenset({"sqlite", "mysql", "postgresql"}),
    "图形图像": frozenset(),
    "流媒体": frozenset(),
    "自描述格式": frozenset({"json", "jsonl", "ndjson"}),
    "服务接口": frozenset(),
}
_CONCRETE = frozenset().union(*_CLASSES.values())
_DATABASES = {"sqlite": "sqlite", "mysql": "mysql", "postgres": "postgresql"}
_FILES = frozenset({"电子文件", "电子表格", "图形图像", "流媒体", "自描述格式"})
#: 共享方式 → the classes of format that can be shared so; the platform's own way takes all.
_MODES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("数据库", "库表交换", "库表"), frozenset({"数据库"})),
    **dict.fromkeys(("接口", "服务接口", "webservice", "api"), frozenset({"服务接口", "自描述格式", "数据库"})),
    **dict.fromkeys(("文件", "文件下载", "文件交换", "邮件", "拷盘", "介质交换"), _FILES),
    **dict.fromkeys(("共享平台", "共享平台方式", "平台交换"), frozenset(_CLASSES)),
}
#: A basis names a document: in 《》, by its number, or by the kind that its name ends with.
_NAMED_BASIS = re.compile(
    r"《.+》|〔\d{4}〕|(?:法|条例|规定|办法|决定|细则|意见|通知|方案|纲要)(?:第|（|\(|$|[，。；、])"
)


def expected_missing(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A key that readers of the public page would miss."""
    for key, (rule, meaning) in _EXPECTED.items():
        inherited = catalog.agency.licence if key == "licence" else ""
        if not getattr(entry, key) and not inherited:
            yield rule.of(catalog, entry, f"{key} is missing: {meaning}", subject=key)


def _is_national(catalog: Catalog, entry: Entry) -> bool:
    """Whether the code has the national grammar, in which its first digits are its class."""
    pattern = catalog.agency.code_pattern
    return pattern == NATIONAL_CODE_PATTERN and re.fullmatch(pattern, entry.code) is not None


def classification(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """信息资源分类 is missing, or its digits are not those that the code begins with."""
    if not entry.classification:
        message = "classification is missing: 信息资源分类 (类/项/目/细目)"
        yield rules.CLASSIFICATION_MISSING.of(catalog, entry, message)
        return
    digits = re.match(r"[0-9]+", entry.classification)
    own = entry.code.partition("/")[0]
    if digits and _is_national(catalog, entry) and digits[0] != own:
        message = f"the classification begins with {digits[0]}, and the code with {own}"
        yield rules.CLASSIFICATION_CLASH.of(catalog, entry, message, key=("classification",))


def _items(catalog: Catalog, entry: Entry) -> tuple[str, ...]:
    """The titles of the schema's fields, or their names; none where there is no schema."""
    try:
        return tuple(field.title or field.name for field in table_schema(catalog.workspace, entry).fields)
    except WorkspaceError:
        return ()  # another rule says so


def _named_in(summary: str, items: tuple[str, ...]) -> int:
    """How many items the summary names, without what their titles have in brackets."""
    told = skeleton(summary)
    return sum(skeleton(re.sub(r"[（(].*?[）)]", "", item) or item) in told for item in items)


def summary_thin(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """The summary repeats the title, says next to nothing, or names hardly any 信息项."""
    if not entry.summary:
        return
    items = _items(catalog, entry)
    wanted, named = min(_NAMED, len(items)), _named_in(entry.summary, items)
    message = ""
    if skeleton(entry.summary) == skeleton(entry.title):
        message = "the summary only repeats the title"
    elif len(entry.summary) < _SHORTEST:
        message = f"the summary has {len(entry.summary)} characters"
    elif named < wanted:
        message = f"the summary names {named} of {len(items)} 信息项, and should name {wanted} at least"
    if message:
        fix = f"name the key 信息项 in it: {'、'.join(items[:5])}" if items else ""
        yield rules.SUMMARY_THIN.of(catalog, entry, message, key=("summary",), fix=fix)


def _class_of(entry: Entry) -> str:
    return next((name for name in _CLASSES if entry.resource_format.strip().startswith(name)), "")


def _concrete(entry: Entry) -> str:
    """The concrete format that 信息资源格式 names; "" where it names none that is known."""
    words = re.findall(r"[a-z]+", entry.resource_format.casefold().replace("postgres ", "postgresql "))
    return next((word for word in words if word in _CONCRETE), "")


def _real_format(catalog: Catalog, entry: Entry) -> str:
    """The concrete format of the source; "" where nobody can tell."""
    source = entry.source
    if source is None or source.catalogue is not None:
        return ""
    if source.database is not None:
        known = catalog.agency.databases.get(source.database)
        return _DATABASES.get(known.kind, "") if known else ""
    ending = PurePath(source.path or "").suffix.casefold().removeprefix(".")
    real = source.format or ending
    return real if real in _CONCRETE else ""


def resource_format(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """信息资源格式 is missing, of no class, or not that of the source."""
    key = ("resource_format",)
    known, real = _class_of(entry), _real_format(catalog, entry)
    if not entry.resource_format:
        message = "resource_format is missing: 信息资源格式"
        yield rules.FORMAT_MISSING.of(catalog, entry, message)
    elif not known:
        message = f"the format {entry.resource_format} is of none of the classes {', '.join(_CLASSES)}"
        yield rules.FORMAT_UNKNOWN.of(catalog, entry, message, key=key)
    elif real and known != "服务接口" and (_concrete(entry) or real) != real:
        message = f"the format is {entry.resource_format}, and the source is {real}"
        yield rules.FORMAT_SOURCE_CLASH.of(catalog, entry, message, key=key)
    elif real and known != "服务接口" and real not in _CLASSES[known]:
        right = next(name for name, formats in _CLASSES.items() if real in formats)
        message = f"the format is {entry.resource_format}, and the source's {real} is {right}"
        yield rules.FORMAT_SOURCE_CLASH.of(catalog, entry, message, key=key)


def _mode_of(entry: Entry) -> str:
    mode = skeleton(entry.sharing_mode) if entry.sharing_mode else ""
    return mode if mode in _MODES else ""


def sharing_mode(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """共享方式 is missing from what is shared, or none that is known."""
    if entry.sharing_mode and not _mode_of(entry):
        message = f"the mode of sharing {entry.sharing_mode} is none that is known"
        yield rules.SHARING_MODE_UNKNOWN.of(catalog, entry, message, key=("sharing_mode",))
    elif not entry.sharing_mode and entry.sharing.code is not Sharing.WITHHELD:
        message = f"sharing_mode is missing from what is {entry.sharing.written}: 共享方式"
        yield rules.SHARING_MODE_MISSING.of(catalog, entry, message)


def format_mode_clash(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """What is a file is said to be shared as a database or an interface, or the other way round."""
    known, mode = _class_of(entry), _mode_of(entry)
    if known and mode and known not in _MODES[mode]:
        message = f"a resource of the format {entry.resource_format} can't be shared by {entry.sharing_mode}"
        fix = f"{entry.sharing_mode} goes with {', '.join(name for name in _CLASSES if name in _MODES[mode])}"
        yield rules.FORMAT_MODE_CLASH.of(catalog, entry, message, key=("sharing_mode",), fix=fix)


def vague_basis(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A basis for not opening or not sharing names no law, regulation or policy document."""
    bases = {
        "openness_basis": "" if entry.openness.code is Openness.OPEN else entry.openness_basis,
        "sharing_basis": entry.sharing_basis if entry.sharing.code is Sharing.WITHHELD else "",
    }
    for key, basis in bases.items():
        if basis and not _NAMED_BASIS.search(basis):
            message = f"{key} names no law, regulation or policy document: {basis}"
            yield rules.BASIS_VAGUE.of(catalog, entry, message, key=(key,))


def base_not_unconditional(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A resource of class 1, 基础信息资源, is not shared without conditions."""
    base = _is_national(catalog, entry) and entry.code.startswith("1")
    if base and entry.sharing.code is not Sharing.UNCONDITIONAL:
        message = f"the code {entry.code} is of 基础信息资源, and it is {entry.sharing.written}"
        yield rules.BASE_NOT_UNCONDITIONAL.of(catalog, entry, message, key=("sharing",))


def openness_condition(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A resource that is open on request does not say on what condition."""
    if entry.openness.code is Openness.ON_REQUEST and not entry.openness_condition:
        message = f"openness_condition is missing from what is {entry.openness.written}: 开放条件"
        yield rules.OPENNESS_CONDITION_MISSING.of(catalog, entry, message, key=("openness",))


def opened_withheld(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A resource that is withheld has a day on which it was opened."""
    if entry.openness.code is Openness.WITHHELD and entry.opened is not None:
        message = f"it was opened on {entry.opened}, and is {entry.openness.written}"
        yield rules.OPENED_WITHHELD.of(catalog, entry, message, key=("opened",))
