"""Values that meet a standard, and others with the rule that they break: the vectors of standards.md, section 3."""

from __future__ import annotations

VALID = {
    "uscc": "91310000132260250X 91310000631696382C 9144030071526726XG 91110000600037341L 92310101MA1JAB3C87 "
    "91310115MA1H7X2K9G",
    "organisation-code": "D2143569-X 60003734-1 13226025-0 71526726-X 63169638-2 D2143569X 600037341",
    "resident-id": "11010519491231002X 440524188001010014 310101189912310017 310115188002290022 310151187601010150 "
    "110105491231002",
    "registration-number": "110108000000016 310115000633673 310000000012343 310115000000012 310000400001237",
    "mobile": "13800000000 14700000000 16600000000 17000000000 19900000000",
    "bank-card": "6222020000000000000 6217000000000000004 6228480000000000018 6013820000000000005 4563510000000009",
    "plate": "沪A12345 沪C8F901 沪AD12345 沪A1234警 沪A12345D",
    "division-code": "310000 310101 310103 310108 310119 310230 310151 310115001002",
    "industry-code": "F5211 I6510 A0111 L7231 G5430",
}
#: Standard → value → (the rule that it breaks, the check that the others ask for, where there is one to tell).
INVALID: dict[str, dict[str, tuple[str, str]]] = {
    "uscc": {
        "91310000132260250K": ("uscc-check-digit", "X"),
        "91310000132260205X": ("uscc-check-digit", "8"),
        "9131OOOO132260250X": ("uscc-format", ""),
        "91310000132260250": ("uscc-format", ""),
        "91350100M000100Y4Z": ("uscc-format", ""),
        "913100001322602511": ("uscc-organisation-code", "0"),
    },
    "organisation-code": {
        "D2143569-1": ("organisation-code-check-digit", "X"),
        "60003743-1": ("organisation-code-check-digit", "X"),
        "71526726-A": ("organisation-code-format", ""),
        "63169638": ("organisation-code-format", ""),
        "D2I43569-X": ("organisation-code-check-digit", "0"),
    },
    "resident-id": {
        "110105194912310021": ("resident-id-check-digit", ""),
        "310101189902300012": ("resident-id-birth-date", ""),
        "310101189912310000": ("resident-id-check-digit", ""),
        "3101011899123100": ("resident-id-format", ""),
        "110105194913310020": ("resident-id-birth-date", ""),
    },
    "registration-number": {
        "310000000012345": ("registration-number-check-digit", "3"),
        "310115000000021": ("registration-number-check-digit", "9"),
        "310112600123415": ("registration-number-check-digit", "9"),
        "31011260012345A": ("registration-number-format", ""),
        "3101150006336": ("registration-number-legacy", ""),
    },
    "mobile": dict.fromkeys(
        ("12800000000", "15400000000", "1380000000", "138000000000", "1380000000O"), ("mobile-format", "")
    ),
    "bank-card": {
        "6222020000000000001": ("bank-card-check-digit", ""),
        "6217000000000000040": ("bank-card-check-digit", ""),
        "6013820000000000": ("bank-card-check-digit", ""),
        "4563510000000008": ("bank-card-check-digit", ""),
        "62284800000000000l8": ("bank-card-format", ""),
    },
    "plate": dict.fromkeys(("沪A1234", "沪I12345", "泸A12345", "沪A1O345", "沪AL12345"), ("plate-format", "")),
    "division-code": {"31010": ("division-code-format", ""), "990101": ("division-code-province", "")},
    "industry-code": {
        "X5211": ("industry-code-format", ""),
        "F6510": ("industry-code-division", ""),
        "F521A": ("industry-code-format", ""),
        "T9801": ("industry-code-division", ""),
        "A111": ("industry-code-division", ""),
    },
}
