"""A dataset as one release has it: CKAN reads it by several statements, and a commit may fall between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

_MODIFIED = "SELECT metadata_modified FROM package WHERE id = :id"
#: Characters of an instant that CKAN itself compares, since its search keeps no more.
_PRECISION = 22
_TRIES = 5


@toolkit.chained_action
@toolkit.side_effect_free
def package_show(original: Callable[..., dict[str, Any]], context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """CKAN's own, read again where the dataset moved on meanwhile: its old fields may have its new resources.

    CKAN asks its database, and not its search, where the two differ: around each change, and while the search is down.
    """
    shown = original(context, data)
    for _ in range(_TRIES):
        package = context.get("package")
        if package is None or _is_at_work() or not _moved_on(package.id, shown):
            break
        model.Session.expire(package)
        shown = original(context, data)
    return shown


def _is_at_work() -> bool:
    """Whether this request changes something itself, of which the database knows nothing yet."""
    return bool(model.Session.new or model.Session.dirty or model.Session.deleted)


def _moved_on(package_id: str, shown: dict[str, Any]) -> bool:
    now = model.Session.execute(text(_MODIFIED), {"id": package_id}).scalar()
    told = str(shown.get("metadata_modified", ""))
    return now is not None and now.isoformat()[:_PRECISION] != told[:_PRECISION]
