r"""Regular expressions of Python's `re.search`, as GX means them, in DuckDB's RE2 where both are sure to agree.

RE2's `\d`, `\w` and `\s` know ASCII only, its `$` doesn't match before a final line end, and it has no look-around.
What can't be said in it is answered by Python itself, row by row, in the same scan.
"""

from __future__ import annotations

import math
import re

from sqlglot import exp

from quality.cells import literal
from quality.expectations.column import Misuse
from quality.rules.check import PythonFunction

_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": r"\t-\r\x1c-\x20\x85\p{Z}"}
_NOT = {name.upper(): name for name in _CLASSES}
#: What may follow a backslash and means itself in both.
_PUNCTUATION = r"\\[!-/:-@\[-`{-~]"
_TOKEN = re.compile(
    rf"(?P<escaped>{_PUNCTUATION})|\\(?P<kind>[dwsDWS])|\\u(?![dD][89a-fA-F])(?P<code>[0-9a-fA-F]{{4}})|\\(?P<control>[tnr])"
    r"|(?P<any>\.)|(?P<end>\$)|(?P<set>\[\^?)|(?P<group>\((?:\?:)?(?!\?))"
    r"|(?P<plain>[*+?|)^{}]|[^\\\[\]().$*+?|^{}])"
)
_IN_SET = re.compile(
    rf"(?P<escaped>{_PUNCTUATION})|\\(?P<kind>[dws])|\\u(?![dD][89a-fA-F])(?P<code>[0-9a-fA-F]{{4}})|\\(?P<control>[tnr])"
    r"|(?P<plain>[^\\\[\]&|~^])"
)


#: At most so many in Python, the characters themselves in RE2; and repeats that don't give back, which RE2 lacks.
_REFUSED = re.compile(r"\{,|[*+?}]\+")
_COUNTS = re.compile(r"\{(?:[0-9]+,)?([0-9]+),?\}")
#: RE2 takes no more repeats than so many, of all that are nested.
_MOST_REPEATED = 1000


def _search(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


_PYTHON = PythonFunction("python_search", _search)


def _translated(found: re.Match[str], in_set: bool) -> str:
    kind, whole = found.lastgroup, found.group(0)
    if kind == "code":
        return rf"\x{{{found['code']}}}"
    if kind == "kind":
        letter = found["kind"]
        if letter in _NOT:
            return f"[^{_CLASSES[_NOT[letter]]}]"
        return _CLASSES[letter] if in_set else f"[{_CLASSES[letter]}]"
    if kind == "any":
        return r"[^\n]"
    return r"\n?\z" if kind == "end" else whole


def _set(pattern: str, at: int) -> tuple[str, int] | None:
    """The rest of a bracket, from its first member, and where it ends."""
    parts: list[str] = []
    while at < len(pattern) and (pattern[at] != "]" or not parts):
        found = _IN_SET.match(pattern, at)
        # After a class of characters Python takes a hyphen for itself, RE2 for a range.
        if found is None or (found.lastgroup == "kind" and pattern[found.end() : found.end() + 1] == "-"):
            return None
        parts.append(_translated(found, in_set=True))
        at = found.end()
    return ("".join(parts) + "]", at + 1) if at < len(pattern) else None


def in_re2(pattern: str) -> str | None:
    """The pattern in RE2's words, meaning the same of a search; None where that isn't sure."""
    parts, at, depth = [], 0, 0
    if _REFUSED.search(pattern) or math.prod(max(int(count), 1) for count in _COUNTS.findall(pattern)) > _MOST_REPEATED:
        return None
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            return None
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found.group(0)[0], 0) if found.lastgroup in ("group", "plain") else 0
        if found.lastgroup == "end" and (depth or pattern[at : at + 1] not in ("", "|")):
            return None
        parts.append(_translated(found, in_set=False))
        if found.lastgroup == "set":
            rest = _set(pattern, at)
            if rest is None:
                return None
            parts.append(rest[0])
            at = rest[1]
    return "".join(parts)


def searched(text: exp.Expr, pattern: object) -> tuple[exp.Expr, tuple[PythonFunction, ...]]:
    """Whether the pattern is found in the text, and the function that this takes.

    Raises:
        Misuse: it is no regular expression.
    """
    if not isinstance(pattern, str):
        raise Misuse(f"{pattern!r} is no regular expression")
    try:
        re.compile(pattern)
    except re.error as error:
        raise Misuse(f"{pattern!r} is no regular expression: {error}") from error
    translated = in_re2(pattern)
    if translated is None:
        return exp.Anonymous(this=_PYTHON.name, expressions=[text, literal(pattern)]), (_PYTHON,)
    return exp.Anonymous(this="regexp_matches", expressions=[text, literal(translated)]), ()
