"""Which policies a dataset's tables are wanted for."""

from __future__ import annotations

from pipelines.commands.run import Run
from resource_catalog.entry import Entry
from resource_catalog.sharing_policy import Policy, check_policy, unconditional
from resource_catalog.table_schema import TableSchema
from resource_catalog.vocabulary import Sharing


def wanted_policies(run: Run, entry: Entry, schema: TableSchema) -> tuple[Policy, ...]:
    """The policies, each once, by what the catalogue offers and confirmed needs were granted (`shares/offers.py`).

    Raises:
        WorkspaceError: it is 无条件共享, and its schema shares no column.
    """
    found = run.policies(entry.id)
    if not found and entry.sharing.code is Sharing.UNCONDITIONAL:
        check_policy(unconditional(entry.id, schema), schema, f"{entry.id}, a policy of sharing")
    return found
