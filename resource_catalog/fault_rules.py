"""Every rule of the catalogue's self-check, in one list; `RULES.md` is made from it.

The rules that need the ledger or the sources stand here too, and are judged by `pipelines.commands.self_check`.
"""

from __future__ import annotations

from collections.abc import Mapping

from resource_catalog.fault_rule import FaultRule

# fmt: off
# --- the files of the workspace
ENTRY_BROKEN = FaultRule(
    "entry-broken", "目录条目无法读取", "Broken entry", "must", "mend the key that is named, in the entry's file")
CATALOGUE_EMPTY = FaultRule(
    "catalogue-empty", "目录为空", "Empty catalogue", "should", "add <id>.yaml to the folder of the entries")
SCHEMA_MISSING = FaultRule(
    "schema-missing", "缺少信息项说明", "No schema", "must", "write schemas/<id>.schema.json, or name another", "8")
SCHEMA_UNREADABLE = FaultRule(
    "schema-unreadable", "信息项说明无法读取", "Unreadable schema", "must", "mend the schema", "8")
COLUMN_UNKNOWN = FaultRule(
    "column-unknown", "列名指向不存在的信息项", "Heading that leads nowhere", "must", "name a field of the schema", "8")
COLUMN_DUPLICATE = FaultRule(
    "column-duplicate", "两个列名指向同一信息项", "Two headings for one field", "must", "delete one of the two", "8")
STANDARD_UNKNOWN = FaultRule(
    "standard-unknown", "信息项所依标准未知", "Unknown standard", "must",
    "use a name of schemas/README.md, or delete it", "8")
SUITE_MISSING = FaultRule(
    "suite-missing", "缺少质量规则文件", "No suite", "must", "write the suite, or delete the key")
DATABASE_UNKNOWN = FaultRule(
    "database-unknown", "数据库未登记", "Unknown database", "must", "name a database of agency.yaml, or add it there")
SOURCE_UNREACHABLE = FaultRule(
    "source-unreachable", "数据来源不可达", "Unreachable source", "must", "mend the path, or put the file there")
HOST_REFUSED = FaultRule(
    "host-refused", "来源网址不在允许范围", "Refused host", "must",
    "mend the address, or add its host to agency.yaml's web_hosts")
DEADLINE_UNKNOWN = FaultRule(
    "deadline-unknown", "公开时限规则未登记", "Unknown clock", "must", "name a rule of agency.yaml, or add it there")
# --- 信息资源名称
TITLE_DUPLICATE = FaultRule(
    "title-duplicate", "同一提供方资源名称重复", "Duplicate title", "must", "say in the titles how they differ", "2")
TITLE_LOOKALIKE = FaultRule(
    "title-lookalike", "资源名称仅空格、全半角或括号不同", "Lookalike title", "should",
    "write both the same way, or say how they differ", "2")
TITLE_NUMBERED = FaultRule(
    "title-numbered", "资源名称疑似拖拽填充（仅序号递增）", "Drag-filled title", "should",
    "give each resource its own name, or delete the copies", "2")
TITLE_SYSTEM_NAME = FaultRule(
    "title-system-name", "资源名称为系统、平台或数据库名称", "Title that names a system", "should",
    "name the data, not the system that holds them", "2")
# --- 信息资源代码, 关联资源代码, 信息资源分类
CODE_MALFORMED = FaultRule(
    "code-malformed", "信息资源代码格式不符", "Malformed code", "must", "mend it, or agency.yaml's code_pattern", "3")
CODE_DUPLICATE = FaultRule(
    "code-duplicate", "信息资源代码重复", "Duplicate code", "must", "give one of them its own", "3")
RELATED_UNKNOWN = FaultRule(
    "related-unknown", "关联资源代码不存在", "Unknown related code", "must",
    "mend it, or add the entry that it means", "13")
RELATED_SELF = FaultRule(
    "related-self", "关联资源代码指向自身", "Related to itself", "should", "delete it", "13")
CLASSIFICATION_MISSING = FaultRule(
    "classification-missing", "缺少信息资源分类", "No classification", "should", "add classification",
    "1", national=True)
CLASSIFICATION_CLASH = FaultRule(
    "classification-clash", "信息资源分类与代码不一致", "Classification and code differ", "should",
    "let the code begin with the digits of its class", "1, 3", national=True)
THEME_UNKNOWN = FaultRule(
    "theme-unknown", "数据领域未登记", "Unknown theme", "must", "use one of agency.yaml's themes")
# --- 信息资源提供方
PROVIDER_CODE_MISSING = FaultRule(
    "provider-code-missing", "缺少信息资源提供方代码", "No provider code", "must", "add provider_code", "5",
    national=True)
PROVIDER_CODE_MALFORMED = FaultRule(
    "provider-code-malformed", "信息资源提供方代码不是有效的统一社会信用代码", "Malformed provider code", "must",
    "copy the 18 characters from the provider's certificate", "5", national=True)
PROVIDER_CODE_MIXED = FaultRule(
    "provider-code-mixed", "同一提供方使用多个代码", "Several codes of one provider", "must",
    "use the provider's one code everywhere", "5")
PROVIDER_NAME_MIXED = FaultRule(
    "provider-name-mixed", "同一代码对应多个提供方名称", "Several names of one provider code", "should",
    "write the provider's full name everywhere, or mend the code", "4, 5")
PROVIDER_LOOKALIKE = FaultRule(
    "provider-lookalike", "提供方名称仅空格、全半角或括号不同", "Lookalike provider", "should",
    "write the provider's name the same way everywhere", "4")
OWNER_LOOKALIKE = FaultRule(
    "owner-lookalike", "责任处室名称仅空格、全半角或括号不同", "Lookalike owner", "should",
    "write the section's name the same way everywhere")
# --- 信息资源摘要 and what else a reader of the public page would miss
SUMMARY_MISSING = FaultRule(
    "summary-missing", "缺少信息资源摘要", "No summary", "should", "add summary", "6")
SUMMARY_THIN = FaultRule(
    "summary-thin", "信息资源摘要未说明主要信息项", "Thin summary", "should",
    "name the key 信息项 in the summary, by their titles", "6", national=True)
KEYWORDS_MISSING = FaultRule(
    "keywords-missing", "缺少关键字", "No keywords", "should", "add keywords", "MQA dcat:keyword")
LICENCE_MISSING = FaultRule(
    "licence-missing", "缺少使用许可", "No licence", "should",
    "add licence, or agency.yaml's for all", "MQA dct:license")
ISSUED_MISSING = FaultRule(
    "issued-missing", "缺少发布日期", "No date of issue", "should", "add issued", "12")
# --- 信息资源格式, 共享属性, 开放属性
FORMAT_MISSING = FaultRule(
    "format-missing", "缺少信息资源格式", "No format", "should",
    "add resource_format: its class and the concrete format", "7", national=True)
FORMAT_UNKNOWN = FaultRule(
    "format-unknown", "信息资源格式不在分类中", "Unknown format", "should",
    "begin it with 电子文件, 电子表格, 数据库, 图形图像, 流媒体, 自描述格式 or 服务接口", "7", national=True)
FORMAT_SOURCE_CLASH = FaultRule(
    "format-source-clash", "信息资源格式与数据来源不符", "Format and source differ", "should",
    "name the format that the source has", "7", national=True)
SHARING_MODE_MISSING = FaultRule(
    "sharing-mode-missing", "缺少共享方式", "No mode of sharing", "should", "add sharing_mode", "9", national=True)
SHARING_MODE_UNKNOWN = FaultRule(
    "sharing-mode-unknown", "共享方式不在分类中", "Unknown mode of sharing", "should",
    "use 数据库, 文件下载, 接口, webservice, 共享平台, 邮件, 拷盘 or 介质交换", "9", national=True)
FORMAT_MODE_CLASH = FaultRule(
    "format-mode-clash", "信息资源格式与共享方式矛盾", "Format and mode of sharing clash", "should",
    "name the mode in which that format is really shared, or the format that is really shared", "7, 9", national=True)
BASIS_VAGUE = FaultRule(
    "basis-vague", "依据未指明法律、法规或政策文件", "Basis that names no rule", "should",
    "name the law, regulation or policy document, with its number or in 《》", "9", national=True)
BASE_NOT_UNCONDITIONAL = FaultRule(
    "base-not-unconditional", "基础信息资源未列为无条件共享", "Base data not shared with all", "should",
    "share it without conditions, or classify it as what it is (国发〔2016〕51号)", "9", national=True)
OPENNESS_CONDITION_MISSING = FaultRule(
    "openness-condition-missing", "依申请公开缺少开放条件", "No condition of openness", "should",
    "add openness_condition", "10", national=True)
OPENED_WITHHELD = FaultRule(
    "opened-withheld", "不公开资源载有开放日期", "Opened and withheld", "should",
    "delete opened, or mend openness; if it was closed again, say so in openness_basis", "10")
# --- 信息项信息
ITEM_UNTITLED = FaultRule(
    "item-untitled", "信息项缺少中文名称", "Item without a title", "should",
    "give the field a title in the schema", "8", national=True)
ITEM_UNTYPED = FaultRule(
    "item-untyped", "信息项缺少数据类型", "Item without a type", "should", "give the field a type in the schema", "8")
ITEM_LOOKALIKE = FaultRule(
    "item-lookalike", "信息项名称相同或仅空格、全半角不同", "Lookalike items", "should",
    "give each field its own title in the schema", "8")
UNIT_UNDECLARED = FaultRule(
    "unit-undeclared", "数值型信息项名称带单位而未声明计量单位", "Unit only in the name", "should",
    "declare the unit as the field's unit in the schema", "8")
UNIT_CLASH = FaultRule(
    "unit-clash", "信息项名称中的单位与声明的计量单位不一致", "Two units", "should",
    "find out which unit the values have, and say it in both places", "8")
UNIT_IN_VALUES = FaultRule(
    "unit-in-values", "数值带单位", "Unit in the values", "should",
    "let the source give numbers alone, make the field a number, and declare its unit", "8")
# --- the real columns of the source
SOURCE_UNREADABLE = FaultRule(
    "source-unreadable", "数据来源无法读取", "Unreadable source", "must", "see opendata check for the dataset")
ITEM_MISSING = FaultRule(
    "item-missing", "数据中缺少目录所列信息项", "Item that the source lacks", "must",
    "add the column, say under columns in the entry's source which heading it has there, or take out the field", "8")
ITEM_EXTRA = FaultRule(
    "item-extra", "数据中有目录未列的列", "Column that the catalogue lacks", "must",
    "describe it in the schema, say under columns in the entry's source which field it is, or take it out", "8")
ITEM_RENAMED = FaultRule(
    "item-renamed", "信息项在数据中疑似改名", "Item under another heading", "must",
    "if it is the same, say so under columns in the entry's source; if not, describe the new column", "8")
ITEM_TYPE_CLASH = FaultRule(
    "item-type-clash", "信息项类型与数据中的类型不一致", "Item of another type", "should",
    "give the field the type that the source has, or mend the source", "8")
# --- time
STALE = FaultRule(
    "stale", "超过更新周期未更新", "Later than its cycle promises", "should",
    "publish the next release, or promise the cycle that can be kept", "11")
UNOPENED = FaultRule(
    "unopened", "公开资源逾期未开放", "Open, and not opened", "should",
    "open it: opendata publish; or say in openness and openness_basis why it can't be", "10")
DATE_AHEAD = FaultRule(
    "date-ahead", "日期晚于今天", "Date in the future", "should", "write the day on which it happened", "12")
# --- the points of the metadata that MQA counts
THEME_UNMAPPED = FaultRule(
    "theme-unmapped", "数据领域未对应欧盟数据主题", "Theme without an EU theme", "should",
    "add theme, or its address under agency.yaml's theme_uris", "MQA dcat:theme")
PLACE_MISSING = FaultRule(
    "place-missing", "缺少空间范围", "No place", "should", "add jurisdiction to agency.yaml", "MQA dct:spatial")
PERIOD_MISSING = FaultRule(
    "period-missing", "缺少时间范围", "No period", "should", "add period with its start", "MQA dct:temporal")
# fmt: on

#: Code → rule.
FAULT_RULES: Mapping[str, FaultRule] = {rule.code: rule for rule in vars().copy().values() if type(rule) is FaultRule}
#: The rules that read the schema, and say nothing where it can't be read.
SCHEMA_RULES = frozenset(
    rule.code
    for rule in (
        COLUMN_UNKNOWN,
        COLUMN_DUPLICATE,
        STANDARD_UNKNOWN,
        SUMMARY_THIN,
        ITEM_UNTITLED,
        ITEM_UNTYPED,
        ITEM_LOOKALIKE,
        UNIT_UNDECLARED,
        UNIT_CLASH,
    )  # fmt: skip
)
#: The rules that compare a source with its schema, and say nothing where the source was not looked at.
COLUMN_RULES = frozenset(
    rule.code for rule in (SOURCE_UNREADABLE, ITEM_MISSING, ITEM_EXTRA, ITEM_RENAMED, ITEM_TYPE_CLASH, UNIT_IN_VALUES)
)
