"""Who is logged in on the page: a signed cookie names a token by its hash, and is good while that token is."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from opendata_sharing import signed_tokens
from opendata_sharing.calls import Call
from opendata_sharing.errors import CallRefused, malformed
from opendata_sharing.records import Token
from opendata_sharing.server import Server
from opendata_sharing.state import State

_COOKIE = "opendata_session"
_SESSION, _FORM = "session", "form"
_FIELDS = 200


def cookie(server: Server, call: Call, digest: str) -> tuple[str, str]:
    """The header that logs the holder of the token with that SHA-256 in."""
    until = int(call.seconds) + server.settings.session_seconds
    given = signed_tokens.give(server.keys, _SESSION, {"token": digest, "until": until})
    return _header(call, given, server.settings.session_seconds)


def no_cookie(call: Call) -> tuple[str, str]:
    """The header that logs out."""
    return _header(call, "", 0)


def _header(call: Call, value: str, seconds: int) -> tuple[str, str]:
    secure = "; Secure" if call.scope["scheme"] == "https" else ""
    said = f"{_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    return "set-cookie", said


def session_of(call: Call) -> str:
    """The session's cookie as it was sent; empty: none was."""
    try:
        found = SimpleCookie(call.headers.get("cookie", "")).get(_COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def logged_in(server: Server, call: Call, state: State) -> Token | None:
    """The token of who is logged in; None: nobody is, or no longer.

    Raises:
        CallRefused: 429.
    """
    said = signed_tokens.take(server.keys, _SESSION, session_of(call))
    if said is None or said["until"] <= call.seconds:
        return None
    token = state.token(str(said["token"]))
    if token is None or token.refusal(call.now):
        return None
    call.token = token
    server.limits.call(token.bureau)
    return token


def by_bearer_or_session(server: Server, call: Call, state: State) -> Token:
    """Who asks, by the bearer token or by the page's cookie.

    Raises:
        CallRefused: 401, 429.
    """
    if "authorization" not in call.headers and (token := logged_in(server, call, state)):
        return token
    return server.known(call, state, call.bearer_hash())


def form_proof(server: Server, call: Call) -> str:
    """What a form of this session must bring back, so that no other site's form is taken for it."""
    kid, signature = server.keys.sign(_FORM, session_of(call))
    return f"{kid}.{signature}"


def require_proof(server: Server, call: Call, fields: dict[str, str]) -> None:
    """Whether a form was this session's own.

    Raises:
        CallRefused: 403.
    """
    kid, _, signature = fields.get("proof", "").partition(".")
    if not server.keys.is_good(kid, signature, _FORM, session_of(call)):
        raise CallRefused(403, "PERMISSION_DENIED", "this form is not of this session: load the page again")


def require_own_site(call: Call) -> None:
    """Whether a form was sent from a page of this server, as far as the browser says.

    Raises:
        CallRefused: 403.
    """
    origin, site = call.headers.get("origin"), call.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc != call.headers.get("host")
    if foreign or site not in (None, "same-origin", "none"):
        raise CallRefused(403, "PERMISSION_DENIED", "forms are taken from this server's own page only")


def form_fields(call: Call) -> dict[str, str]:
    """The fields of a form; several values of one are joined by lines.

    Raises:
        CallRefused: 400.
    """
    try:
        found = parse_qs(call.body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise malformed("the body must be a form's fields") from error
    return {name: "\n".join(values) for name, values in found.items()}
