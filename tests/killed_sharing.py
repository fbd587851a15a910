"""Kills a command of sharing at its first, second, third … step on the disk, and says what the server goes by then.

A program of its own, as `tests.killed_runs` is: `python -m tests.killed_sharing FOLDER WORD…` takes an office's folder
and prints a JSON list with one object a step, the undisturbed run last.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pipelines.commands.sharing_bureaus
import pipelines.commands.sharing_needs  # noqa: F401  imported before the first fork
from pipelines.chain import Chain
from pipelines.shares import serving_state
from tests.killed_runs import _Countdown, _in_child
from tests.workspace_factory import run_command

NOW = "2026-11-24T00:00:00Z"
GOOD = {
    "tokens": "SELECT hash FROM token JOIN bureau ON bureau.id = token.bureau WHERE removed_at IS NULL "
    f"AND expires_at > '{NOW}' AND (revoked_at IS NULL OR revoked_at > '{NOW}') ORDER BY hash",
    "access": "SELECT access.id FROM access JOIN bureau ON bureau.id = access.bureau WHERE removed_at IS NULL "
    f"AND valid_to > '{NOW}' AND revoked_at IS NULL ORDER BY access.id",
    "bureaus": "SELECT id FROM bureau WHERE removed_at IS NULL ORDER BY id",
}


class _Steps(_Countdown):
    """The steps of a run, and the moments around each append of a chain and within the writing of the state."""

    def install(self) -> None:
        for owner, name in ((Chain, "append"), (serving_state, "_replace")):
            setattr(owner, name, self._around(getattr(owner, name)))
        sys.addaudithook(self.audit)

    def _around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **options: Any) -> Any:
            self.step()
            result = work(*arguments, **options)
            self.step()
            return result

        return stepped


def served(home: Path) -> dict[str, list[str]]:
    """What the server goes by; nothing where there is no state yet."""
    file = home / "sharing" / "state.sqlite"
    if not file.exists() or not file.stat().st_size:
        return {name: [] for name in GOOD}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as reader:
        if not reader.execute("SELECT 1 FROM sqlite_master WHERE name = 'bureau'").fetchone():
            return {name: [] for name in GOOD}
        return {name: [row[0] for row in reader.execute(statement)] for name, statement in GOOD.items()}


def _profiles(home: Path) -> dict[str, str]:
    """File → SHA-256 of its token."""
    files = sorted((home / "profiles").glob("*")) + sorted((home / "profiles").glob(".*"))
    return {
        file.name: hashlib.sha256(json.loads(file.read_text("utf-8"))["bearerToken"].encode()).hexdigest()
        for file in files
    }


def main(folder: Path, words: list[str]) -> None:
    """Print what became of each step."""
    home, kept = folder / "home", folder / "home.kept"
    places = ["--workspace", str(folder / "workspace"), "--home", str(home), "--json"]
    if home.exists():
        shutil.copytree(home, kept)
    before, outcomes, ended = served(home), [], "killed"
    while ended == "killed":
        shutil.rmtree(home, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, home)
        number = len(outcomes) + 1

        def disturbed(number: int = number) -> int:
            _Steps(home, number).install()
            return run_command(*words, *places).code

        ended = _in_child(disturbed)
        seen = served(home)
        again = run_command(*words, *places)
        outcomes.append(
            {
                "step": number,
                "ended": ended,
                "before": before,
                "seen": seen,
                "code": again.code,
                "said": again.err,
                "after": served(home),
                "profiles": _profiles(home),
            }
        )
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    os.environ["OPENDATA_TODAY"] = NOW[:10]
    main(Path(sys.argv[1]), sys.argv[2:])
