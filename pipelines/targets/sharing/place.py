"""The place of a store's tables: noted for the sharing server, and not to be changed while there are tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.home import disk_failure, to_disk
from pipelines.targets.sharing.records import tables_folder
from resource_catalog.errors import OutsideError

#: The file that says so; without it tables lie in the store's folder.
PLACE = "objects.json"


def _known(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        fix = "put it back from a backup: it says which bucket has the tables"
        raise OutsideError(f"where the shared tables lie can't be read: {error}", where=str(file), fix=fix) from error
    return dict(found)


def _said(place: Mapping[str, Any]) -> str:
    return f"in the bucket {place['bucket']}, below {place['prefix'] or '/'}" if place else "in the home"


def require_place(store: Path, place: Mapping[str, Any]) -> None:
    """Refuse to look for tables elsewhere than they are: their records would be of nothing.

    Args:
        store: The store's folder.
        place: `bucket`, `prefix` and what else the server must know; empty where tables lie in the folder.

    Raises:
        OutsideError: there are tables, and they lie elsewhere.
    """
    known = _known(store / PLACE)
    same = (known.get("bucket"), known.get("prefix")) == (place.get("bucket"), place.get("prefix"))
    if not same and any(tables_folder(store).glob("*.json")):
        what = f"the shared tables lie {_said(known)}, and agency.yaml says {_said(place)}"
        fix = "put targets.sharing.objects back; to move, begin with an empty store (OPENDATA_HOME)"
        raise OutsideError(what, where=str(store), fix=fix)


def tell_place(store: Path, place: Mapping[str, Any]) -> None:
    """Note the place, in one step.

    Raises:
        OutsideError: the disk failed.
    """
    file = store / PLACE
    if _known(file) == place:
        return
    draft = file.with_name(f".{PLACE}.draft")
    try:
        store.mkdir(parents=True, exist_ok=True)
        if place:
            draft.write_text(json.dumps(place, indent=1) + "\n", "utf-8")
            to_disk(draft)
            draft.replace(file)
        else:
            file.unlink()
        to_disk(store)
    except OSError as error:
        raise disk_failure("where the shared tables lie could not be noted", file, error) from error
