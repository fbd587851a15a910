"""How pages are rendered: every text escaped, every name known, no character that HTML can't hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from typing import Any

import jinja2

from pipelines.reporting.findings import cut
from pipelines.reporting.words import WORDS

#: Characters that HTML can't hold.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _is_web(address: str) -> bool:
    """Whether an address is http(s): no other scheme becomes a link."""
    return re.match(r"https?://", address, re.IGNORECASE) is not None


def _finalize(value: Any) -> Any:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


def _template_source(name: str) -> str:
    return (resources.files("pipelines.reporting") / "templates" / name).read_text(encoding="utf-8")


def page_environment(**filters: Callable[..., Any]) -> jinja2.Environment:
    """The templates of this package, with the filters that all pages have and those of one page."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(cut=cut, grouped="{:,}".format, **filters)
    environment.tests.update(web=_is_web)
    environment.globals.update(words=WORDS)
    return environment
