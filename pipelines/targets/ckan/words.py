"""The words that readers of a portal see beside the data, in Chinese or in English, and what the parts are called."""

from __future__ import annotations

from collections.abc import Mapping

#: The parts of a publication, each a resource of its own, in the order in which readers see them.
ROLES = ("csv", "xlsx", "jsonl", "parquet", "datapackage", "dictionary", "changes")

_TITLES: Mapping[str, tuple[str, str]] = {
    "csv": ("数据（CSV，可在线查询）", "Data (CSV, can be queried online)"),
    "xlsx": ("数据（XLSX）", "Data (XLSX)"),
    "jsonl": ("数据（JSON Lines）", "Data (JSON Lines)"),
    "parquet": ("数据（Parquet）", "Data (Parquet)"),
    "datapackage": ("数据包描述", "Data package descriptor"),
    "dictionary": ("数据字典", "Data dictionary"),
    "changes": ("与上一版次的差异", "Changes against the release before"),
}
#: The catalogue's facts, as keys of a dataset's additional information.
_FACTS: Mapping[str, tuple[str, str]] = {
    "code": ("信息资源代码", "Resource code"),
    "title_en": ("英文名称", "Title in English"),
    "provider": ("信息资源提供方", "Provider"),
    "owner": ("责任处室", "Owner"),
    "theme": ("数据领域", "Subject"),
    "openness": ("公开方式", "Openness"),
    "openness_basis": ("公开依据", "Basis of openness"),
    "openness_condition": ("开放条件", "Condition of openness"),
    "sharing": ("共享类型", "Sharing"),
    "update_cycle": ("更新周期", "Update cycle"),
    "deadline": ("公开时限", "Disclosure deadline"),
    "licence": ("使用许可", "Terms of use"),
    "keywords": ("关键字", "Keywords"),
    "rows": ("行数", "Rows"),
    "withdrawn": ("撤回时间", "Withdrawn"),
    "reason": ("撤回理由", "Reason"),
}
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "bulk": (
        "整批取用请下载本版次的文件，其地址与内容不再变化；"
        "在线表的 `/datastore/dump` 逐页读取，发布之时可能跨两个版次。",
        "For bulk use, download this release's files, whose addresses and bytes never change; `/datastore/dump` pages "
        "through the live table and may span two releases while one is published.",
    ),
    "on_request": ("本数据集依申请公开。", "This dataset is available on request."),
    "how": ("申请办法：", "How to apply: "),
    "withdrawn": ("本数据集已撤回。", "This dataset has been withdrawn."),
    "when": ("撤回时间：", "Withdrawn on: "),
    "why": ("撤回理由：", "Reason: "),
    "releases": ("历次版次", "all releases"),
    "releases_of": (
        "数据集各版次的文件：一个版次公布之后，其文件不再变化。最新版次见数据集 ",
        "The files of each release of a dataset; once published they never change. For the latest release see the "
        "dataset ",
    ),
    "release": ("第 {} 版", "release {}"),
    "utc": ("时间为协调世界时（UTC）。", "Times are UTC."),
    "full_name": ("栏目全名：", "Full name: "),
}


def _in(language: str, pair: tuple[str, str]) -> str:
    return pair[0] if language.split("-")[0] == "zh" else pair[1]


def role_title(role: str, language: str) -> str:
    """What a part of a publication is called."""
    return _in(language, _TITLES[role])


def fact_name(fact: str, language: str) -> str:
    """What a fact of the catalogue is called."""
    return _in(language, _FACTS[fact])


def fact_names() -> frozenset[str]:
    """The names of all facts in both languages."""
    return frozenset(name for pair in _FACTS.values() for name in pair)


def sentence(key: str, language: str) -> str:
    """A sentence, or a part of one."""
    return _in(language, _SENTENCES[key])
