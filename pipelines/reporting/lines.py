"""Facts as lines: wrapped at a terminal's width, one whole line each for whatever reads a pipe."""

from __future__ import annotations

import shutil
from typing import TextIO

from pipelines.reporting.terminal import printable, wrapped
from quality.finding import Finding

_WIDEST = 100


class Lines:
    """Writes facts as lines, indented by their level."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._width = min(shutil.get_terminal_size().columns, _WIDEST) if out.isatty() else None

    def say(self, text: str, level: int = 0) -> None:
        """Write one fact."""
        indent = "  " * level
        for line in wrapped(printable(text), self._width, indent, indent + "  "):
            self._out.write(line + "\n")

    def gap(self) -> None:
        """Write an empty line."""
        self._out.write("\n")


def place_and_message(finding: Finding) -> str:
    """A finding in one line, its place first, and whether it is waived."""
    said = f"{finding.message} (waived)" if finding.waived else finding.message
    return f"{finding.place}: {said}" if finding.place else said
