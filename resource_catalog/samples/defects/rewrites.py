"""What each kind of slip makes of a right cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_CONFUSED = str.maketrans("01", "OI")
#: What a spreadsheet keeps of a long run of digits.
_SIGNIFICANT_DIGITS = 15


def _rounded(cell: str) -> str:
    return cell[:_SIGNIFICANT_DIGITS] + "0" * (len(cell) - _SIGNIFICANT_DIGITS)


def _one_confused(cell: str) -> str:
    """The last zero or one as the letter that looks like it."""
    at = max(cell.rfind("0"), cell.rfind("1"))
    return cell[:at] + cell[at].translate(_CONFUSED) + cell[at + 1 :]


def _mojibake(cell: str) -> str:
    """GBK bytes read as Latin-1."""
    return cell.encode("gb18030").decode("latin-1")


REWRITES: Mapping[str, Callable[[str], str]] = {
    "full-width": lambda cell: cell.translate(_FULL_WIDTH),
    "ideographic-space": lambda cell: f"\u3000{cell}",
    "no-break-space": lambda cell: f"{cell}\u00a0",
    "zero-width-space": lambda cell: f"{cell[:4]}\u200b{cell[4:]}",
    "byte-order-mark": lambda cell: f"\ufeff{cell}",
    "lower-case": str.lower,
    "confused-letter": _one_confused,
    "rounded": _rounded,
    "scientific": lambda cell: f"{float(cell):.5E}",
    "without-leading-zeros": lambda cell: cell.lstrip("0"),
    "mojibake": _mojibake,
    "replacement": lambda cell: "锟斤拷" + cell[3:],
    "yuan-for-ten-thousand-yuan": lambda cell: f"{float(cell) * 10_000:.0f}",
    "with-unit": lambda cell: f"{cell}万元",
    "half-width-brackets": lambda cell: cell.replace("（", "(").replace("）", ")"),
    "long-form": lambda cell: cell.replace("有限公司", "有限责任公司"),
    "square-brackets": lambda cell: cell.replace("〔", "[").replace("〕", "]"),
    "round-brackets": lambda cell: cell.replace("〔", "(").replace("〕", ")"),
    "lost-brackets": lambda cell: cell.replace("〔", "").replace("〕", " "),
    "year-month-day": lambda cell: "{}年{}月{}日".format(*_parts(cell)),
    "compact-date": lambda cell: "{}{:02}{:02}".format(*_parts(cell)),
    "dotted-date": lambda cell: "{}.{}.{}".format(*_parts(cell)),
    "line-break": lambda cell: f"{cell}；\n{cell}",
}


def _parts(day: str) -> tuple[int, int, int]:
    year, month, date = day.replace("/", "-").split("-")
    return int(year), int(month), int(date)
