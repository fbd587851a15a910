"""Run by the stock Delta Sharing client's own Python: calls come as JSON lines, and so do their answers.

Nothing of this project is imported, and the client is used as its documentation shows.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import Any


def _plain(value: Any) -> Any:
    """A value as JSON has it: missing values are null, others that JSON lacks are texts."""
    import pandas

    if value is None or value is pandas.NaT or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)  # pandas keeps whole numbers beside missing ones as fractions
    if isinstance(value, bool | int | float | str):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def _told(result: Any) -> Any:
    import pandas

    if isinstance(result, pandas.DataFrame):
        rows = [[_plain(value) for value in row] for row in result.itertuples(index=False, name=None)]
        return {"columns": list(result.columns), "rows": rows}
    if isinstance(result, list):
        return [str(getattr(item, "name", item)) for item in result]
    return result


def _do(said: dict[str, Any]) -> Any:
    import delta_sharing

    name = said["call"]
    if name.startswith("list_"):
        client = delta_sharing.SharingClient(said["profile"])
        arguments = [getattr(delta_sharing, kind)(**fields) for kind, fields in said.get("objects", [])]
        return _told(getattr(client, name)(*arguments))
    begun = time.perf_counter()
    result = getattr(delta_sharing, name)(said["url"], **said.get("options", {}))
    if said.get("measured"):
        return {"seconds": time.perf_counter() - begun, "rows": len(result)}
    return _told(result)


def main() -> None:
    """Answer calls until there are no more."""
    answers = sys.stdout
    for line in sys.stdin:
        try:
            with contextlib.redirect_stdout(sys.stderr):
                answer = {"result": _do(json.loads(line))}
        except Exception as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        answers.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
