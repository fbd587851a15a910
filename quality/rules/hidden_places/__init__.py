"""What hides in a source: personal data outside its table, and rows and columns of the table that nobody sees."""

from __future__ import annotations

from quality.rules.hidden_places.hidden_cells import RULE as HIDDEN_CELLS
from quality.rules.hidden_places.hidden_personal_data import RULE as HIDDEN_PERSONAL_DATA

__all__ = [
    "HIDDEN_CELLS", "HIDDEN_PERSONAL_DATA", "RULES",
]  # fmt: skip

RULES = (
    HIDDEN_PERSONAL_DATA, HIDDEN_CELLS,
)  # fmt: skip
