"""The two profiles of quality as data: indicators, names and weights of GB/T 36344-2018 and of DB31/T 1523-2024.

Numbers, names and the sense of A and B are those of standards.md 2.1. What rules count is kept by the national
standard's numbers; a profile says which of its own indicators a count belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quality.assessment import Kind


@dataclass(frozen=True)
class Dimension:
    """A dimension: the digits that its indicators begin with, and its weight."""

    prefix: str
    name: str
    name_en: str
    weight: float


@dataclass(frozen=True)
class Definition:
    """An indicator as its standard defines it; `reason` is why there is no value where nothing counts for it."""

    code: str
    name: str
    name_en: str
    reason: str = ""
    reason_en: str = ""
    kind: Kind = Kind.SHARE
    parts: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True)
class Profile:
    """A way to score: dimensions, indicators, and where the counts go.

    `places` has, for a national number that is another here, this profile's codes; `places_by_rule` those of single
    rules under the indicator that they belong to.
    """

    name: str
    dimensions: tuple[Dimension, ...]
    indicators: tuple[Definition, ...]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places_by_rule: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def codes_for(self, number: str, rule: str) -> tuple[str, ...]:
        """Which indicators of this profile count what a rule counts for a number of GB/T 36344-2018."""
        own = self.places_by_rule.get((number, rule))
        return own if own is not None else self.places.get(number, (number,))

    def dimension_of(self, code: str) -> Dimension:
        """The dimension that an indicator belongs to."""
        return next(dimension for dimension in self.dimensions if code.startswith(dimension.prefix))


#: No standard fixes weights; these are practice's (standards.md 2.1).
DIMENSIONS = (
    Dimension("01", "规范性", "Conformity", 0.20),
    Dimension("02", "完整性", "Completeness", 0.20),
    Dimension("03", "准确性", "Accuracy", 0.15),
    Dimension("04", "一致性", "Consistency", 0.15),
    Dimension("05", "时效性", "Timeliness", 0.15),
    Dimension("06", "可访问性", "Accessibility", 0.15),
)
_NO_KEY = ("没有主键，也没有唯一字段", "there is no primary key and no unique field")
_NO_FORMAT = ("没有字段限定类型、格式、范围或长度", "no field restricts type, format, range or length")
_BY_DAY = ("取决于查看之日，不计入得分", "depends on the day of looking, and so is in no score")
_ONCE_PUBLISHED = ("发布之后才能证实，不计入数据得分", "proved once it is published, and so is in no score of the data")

_NATIONAL = (
    Definition("0101", "数据标准", "Data standards",
               "没有字段声明所依据的标准", "no field declares a standard"),
    Definition("0102", "数据模型", "Data model",
               "没有表结构", "there is no schema"),
    Definition("0103", "元数据", "Metadata",
               "在目录层面评价", "judged for the catalogue, not for one table"),
    Definition("0104", "业务规则", "Business rules",
               "没有声明业务规则", "no business rule is declared"),
    Definition("0105", "权威参考数据", "Reference data",
               "没有字段有代码表", "no field has a list of values or codes"),
    Definition("0106", "安全规范", "Security",
               "安全规则只作关口，不计数", "the rules of security gate the source and count no values"),
    Definition("0201", "数据元素完整性", "Completeness of elements",
               "没有必填字段", "no field is required"),
    Definition("0202", "数据记录完整性", "Completeness of records",
               "没有声明应有的记录数", "no expected number of records is declared"),
    Definition("0301", "数据内容正确性", "Correctness of content",
               "没有可核对内容的依据", "nothing says what the true content is"),
    Definition("0302", "数据格式合规性", "Conformity of format",
               *_NO_FORMAT),
    Definition("0303", "数据重复率", "Rate of duplicates",
               *_NO_KEY, kind=Kind.RATE),
    Definition("0304", "数据唯一性", "Uniqueness",
               *_NO_KEY),
    Definition("0305", "脏数据出现率", "Rate of dirty data",
               "没有规则判定何为脏数据", "no rule says which values are invalid", kind=Kind.RATE),
    Definition("0401", "相同数据一致性", "Consistency of equal data",
               "没有另一份可比的数据", "there is no second copy to compare with"),
    Definition("0402", "关联数据一致性", "Consistency of related data",
               "没有外键，也没有关联约束", "there is no foreign key and no rule across columns"),
    Definition("0501", "基于时间段的正确性", "Correctness by period",
               "没有声明记录所属的时间段", "no period of the records is declared"),
    Definition("0502", "基于时间点的及时性", "Timeliness by date",
               *_BY_DAY),
    Definition("0503", "时序性", "Order in time",
               "没有声明时间先后的规则", "no rule says which date comes first"),
    Definition("0601", "可访问", "Accessibility",
               *_ONCE_PUBLISHED),
    Definition("0602", "可用性", "Availability",
               "没有声明有效生存周期", "no period of validity is declared"),
)  # fmt: skip

NATIONAL = Profile("GB/T 36344-2018", DIMENSIONS, _NATIONAL)

_BY_NUMBER = {definition.code: definition for definition in _NATIONAL}


def _as_national(code: str, name: str = "") -> Definition:
    """The regional edition's indicator with the same sense; a rate is turned round there."""
    same = _BY_NUMBER[code[:4]]
    kind = Kind.COMPLEMENT if same.kind is Kind.RATE else same.kind
    return Definition(code, name or same.name, same.name_en, same.reason, same.reason_en, kind)


_REGIONAL = (
    Definition("010100", "数据标准", "Data standards",
               *_NO_FORMAT, Kind.MEAN, ("010101", "010102", "010103")),
    Definition("010101", "数据类型约束规范性", "Conformity of type",
               "没有字段限定类型", "no field restricts its type"),
    Definition("010102", "数据格式约束规范性", "Conformity of format",
               "没有字段限定格式", "no field restricts its format"),
    Definition("010103", "数据长度约束规范性", "Conformity of length",
               "没有字段限定长度", "no field restricts its length"),
    _as_national("010200"),
    _as_national("010300"),
    _as_national("010400"),
    _as_national("010500", "权威参考数据（权威参考源）"),
    _as_national("010600"),
    _as_national("020100"),
    _as_national("020200"),
    _as_national("030100"),
    _as_national("030200"),
    _as_national("030300"),
    _as_national("030400"),
    _as_national("030500"),
    Definition("030600", "数据标准参照准确性", "Accuracy by reference",
               "没有字段以权威数据为参照", "no field is held against a reference"),
    _as_national("040100"),
    Definition("040200", "关联数据一致性", "Consistency of related data",
               "没有外键，也没有关联约束", "there is no foreign key and no rule across columns",
               Kind.MEAN, ("040201", "040202", "040203", "040204")),
    Definition("040201", "表内等值一致性", "Equality within the table",
               "没有声明须等值的列", "no columns are declared to be equal"),
    Definition("040202", "表内逻辑一致性", "Logic within the table",
               "没有声明列间的逻辑", "no logic between columns is declared"),
    Definition("040203", "跨表等值一致性", "Equality across tables",
               "没有外键", "there is no foreign key"),
    Definition("040204", "跨表逻辑一致性", "Logic across tables",
               "没有声明跨表的逻辑", "no logic across tables is declared"),
    Definition("040300", "内容数据记录数据项与元数据一致性", "Agreement of columns with metadata",
               "没有表结构", "there is no schema"),
    _as_national("050100"),
    _as_national("050200"),
    _as_national("050300"),
    Definition("050400", "数据授权使用时效性", "Use within the authorised period",
               "没有声明授权使用期限", "no period of authorised use is declared"),
    _as_national("060100"),
    _as_national("060200"),
)  # fmt: skip

#: National number → codes of the Shanghai edition, for what no single rule says otherwise.
_REGIONAL_PLACES: Mapping[str, tuple[str, ...]] = {
    **{number: (f"{number}00",) for number in _BY_NUMBER},
    "0101": ("010102",),  # a standard's algorithm says how a value is formed
    "0102": ("010200", "040300"),  # columns as the schema has them
    "0105": ("010500", "030600"),  # codes of an authority's list
    "0402": ("040202",),  # rules across columns; foreign keys below
}
_REGIONAL_PLACES_BY_RULE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("0302", "type"): ("010101", "030200"),
    ("0302", "pattern"): ("010102", "030200"),
    ("0302", "length"): ("010103", "030200"),
    ("0105", "enum"): ("010500",),  # a list of one schema is no authority's
    ("0402", "foreign-key"): ("040203",),
}

REGIONAL = Profile("DB31/T 1523-2024", DIMENSIONS, _REGIONAL, _REGIONAL_PLACES, _REGIONAL_PLACES_BY_RULE)

#: By the names that agency.yaml's thresholds.profile takes; the first is the default.
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (NATIONAL, REGIONAL)}
