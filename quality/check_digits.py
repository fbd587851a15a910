"""Check digits and personal data as SQL: the same answers as `quality.personal_text` gives, over a column of text.

Sums of digits are inner products of lists: an expression with a term for each digit of each column took longer to plan
than to run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from quality import personal_text as words
from quality.cells import literal, matches

_RUN = "run"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: By the remainder of MOD 11: 11 less it, where 10 is X and 11 is 0.
_ORGANISATION_CHECKS = "0X987654321"
#: Twice a digit, and the sum of its digits.
_DIGITS, _DOUBLED = "0123456789", "0246813579"


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _found(text: exp.Expr, pattern: str) -> exp.Expr:
    return _call("regexp_matches", text.copy(), literal(pattern))


def _number(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _numbers(text: exp.Expr) -> exp.Expr:
    """The digits of a text as a list of numbers; NULL for what is none."""
    listed = exp.DataType.build("DOUBLE[]", dialect="duckdb")
    return exp.TryCast(this=_call("string_split", text, literal("")), to=listed)


def weighted(text: exp.Expr, weights: Sequence[int]) -> exp.Expr:
    """The sum of a text's digits, each times its weight, as an integer; the text has as many digits as weights."""
    return _product(_numbers(text), weights)


def _product(listed: exp.Expr, weights: Sequence[int]) -> exp.Expr:
    scale = exp.cast(exp.Array(expressions=[_number(weight) for weight in weights]), "DOUBLE[]", dialect="duckdb")
    return exp.cast(_call("list_inner_product", listed, scale), "BIGINT", dialect="duckdb")


def _is_day(text: exp.Expr) -> exp.Expr:
    return _call("try_strptime", text, literal("%Y%m%d")).is_(exp.null()).not_()


def _part(text: exp.Expr, first: int, length: int) -> exp.Expr:
    return _call("substr", text.copy(), _number(first), _number(length))


def resident_id_passes(text: exp.Expr) -> exp.Expr:
    """Whether 18 characters are a resident id: region, day of birth, and check digit MOD 11-2 (GB 11643-1999)."""
    remainder = exp.Mod(this=weighted(_part(text, 1, 17), words.ID_WEIGHTS), expression=_number(11))
    expected = _call("substr", literal(words.ID_CHECKS), exp.Add(this=remainder, expression=_number(1)), _number(1))
    right = exp.EQ(this=expected, expression=exp.Upper(this=_part(text, 18, 1)))
    # A CASE, for the sum may be asked of 18 characters only.
    return exp.Case().when(matches(text.copy(), words.ID_18), exp.and_(_is_day(_part(text, 7, 8)), right))


def _old_id(text: exp.Expr) -> exp.Expr:
    birth = exp.DPipe(this=literal("19"), expression=_part(text, 7, 6))
    return exp.and_(matches(text.copy(), words.ID_15), _is_day(birth))


def luhn_passes(text: exp.Expr) -> exp.Expr:
    """Whether a text of at most 20 digits passes Luhn's check (ISO/IEC 7812-1)."""
    padded = _call("lpad", text.copy(), _number(20), literal("0"))

    def every_second(pattern: str) -> exp.Expr:
        return _call("regexp_replace", padded.copy(), literal(pattern), literal(r"\1"), literal("g"))

    doubled = _call("translate", every_second("(.)."), literal(_DIGITS), literal(_DOUBLED))
    total = exp.Add(
        this=_call("list_sum", _numbers(doubled)), expression=_call("list_sum", _numbers(every_second(".(.)")))
    )
    return exp.EQ(this=exp.Mod(this=exp.paren(total), expression=_number(10)), expression=_number(0))


def _card(text: exp.Expr) -> exp.Expr:
    return exp.Case().when(matches(text.copy(), words.CARD_NUMBER), luhn_passes(text))


def _any_run(runs: exp.Expr, passes: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    run = exp.column(_RUN, quoted=True)
    judge = exp.Lambda(this=passes(run), expressions=[exp.to_identifier(_RUN, quoted=True)])
    return exp.GT(this=_call("len", _call("list_filter", runs.copy(), judge)), expression=_number(0))


def uscc_passes(text: exp.Expr) -> exp.Expr:
    """Whether 18 characters are a unified social credit code: its check digit, and that of its organisation code.

    Source: GB 32100-2015 and, for characters 9 to 17, GB 11714-1997.
    """
    outer = exp.Mod(this=_valued(_part(text, 1, 17), _USCC_ALPHABET, _USCC_WEIGHTS), expression=_number(31))
    inner = exp.Mod(this=_valued(_part(text, 9, 8), _ALPHANUMERIC, _ORGANISATION_WEIGHTS), expression=_number(11))
    rest = exp.Mod(this=exp.paren(exp.Sub(this=_number(31), expression=outer)), expression=_number(31))
    right = exp.and_(
        exp.EQ(this=_at(_USCC_ALPHABET, rest), expression=_part(text, 18, 1)),
        exp.EQ(this=_at(_ORGANISATION_CHECKS, inner), expression=_part(text, 17, 1)),
    )
    return exp.Case().when(matches(text.copy(), f"[{_USCC_ALPHABET}]{{18}}"), right)


def _at(characters: str, position: exp.Expr) -> exp.Expr:
    """The character at a position from 0."""
    return _call("substr", literal(characters), exp.Add(this=position, expression=_number(1)), _number(1))


def _valued(text: exp.Expr, alphabet: str, weights: Sequence[int]) -> exp.Expr:
    """The sum of the values that characters have by their place in an alphabet, each times its weight."""
    character = exp.column(_RUN, quoted=True)
    place = exp.Sub(this=_call("strpos", literal(alphabet), character), expression=_number(1))
    valued = exp.Lambda(this=exp.cast(place, "DOUBLE"), expressions=[exp.to_identifier(_RUN, quoted=True)])
    listed = _call("list_transform", _call("string_split", text, literal("")), valued)
    return _product(listed, weights)


def personal_kinds(text: exp.Expr, title: exp.Expr, wanted: Sequence[str]) -> exp.Expr:
    """The wanted kinds of `personal_text` that a text holds, by their labels; NULL for none.

    `title` is the heading above the text, which may tell what its numbers are.
    """
    plain = _call("translate", text.copy(), literal(words.FULL_WIDTH), literal(words.HALF_WIDTH))
    for grouped, joined in words.GROUPED:
        plain = _call("regexp_replace", plain, literal(grouped), literal(joined), literal("g"))
    runs = _call("regexp_extract_all", plain, literal(words.RUN))
    about = _call("concat_ws", literal(" "), title, text.copy())
    kinds: dict[str, Callable[[], exp.Expr]] = {
        words.RESIDENT_ID: lambda: exp.or_(
            _any_run(runs, resident_id_passes), exp.and_(_found(about, words.ID_WORDS), _any_run(runs, _old_id))
        ),
        words.MOBILE: lambda: _any_run(runs, lambda run: matches(run.copy(), words.MOBILE_NUMBER)),
        words.BANK_CARD: lambda: exp.and_(_found(about, words.CARD_WORDS), _any_run(runs, _card)),
        words.EMAIL: lambda: _found(plain, words.ADDRESS),
    }
    named = [exp.Case().when(kinds[kind](), literal(words.LABELS[kind])) for kind in wanted]
    return exp.Nullif(this=_call("concat_ws", literal("、"), *named), expression=literal(""))
