"""The portal's search learns of a switch after it: earlier, it would tell of releases that may never be."""

from __future__ import annotations

import logging
from typing import Any

from ckan.lib import search
from ckanext.release.decisions import mark_indexed, unindexed_datasets

log = logging.getLogger(__name__)


def keep_for_later(session: Any) -> None:
    """Of what was flushed take from CKAN 2.11 what it would tell the search before the commit; 2.12 tells nothing then.

    It would refuse the commit where the search is down, and leave a search that knows of a commit that failed.
    """
    if hasattr(search, "SynchronousSearchPlugin"):
        vars(session).pop("_object_cache", None)


def index_dataset(package_id: str) -> bool:
    """Tell the search about a dataset; say whether it could be told."""
    try:
        search.rebuild(package_id)
    except (search.SearchError, search.SearchIndexError, OSError) as error:
        log.error("%s was switched, and the search could not be told: %s", package_id, error)
        return False
    mark_indexed(package_id)
    return True


def catch_up() -> None:
    """Tell the search about the switches that it missed."""
    for package_id in unindexed_datasets():
        index_dataset(package_id)
