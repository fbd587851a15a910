"""Setting a running portal back to the founded state between tests: accounts and organisations, and no data."""

from __future__ import annotations

import shutil

from loopback import database
from loopback.failure import PortalFailure
from loopback.services import answers, redis
from loopback.stack import Stack


def empty(stack: Stack) -> None:
    """Forget every dataset, file, table, job and search entry; whatever else tests made goes too."""
    _forget_jobs(stack)
    database.set_back(stack)
    if not answers(f"{stack.solr_url}/update?commit=true", b'{"delete": {"query": "*:*"}}'):
        raise PortalFailure(f"Solr did not empty its index: {stack.log('solr')}")
    for place in stack.storage.iterdir():
        shutil.rmtree(place)


def _forget_jobs(stack: Stack) -> None:
    """All that Redis keeps but the worker's own entry, without which it would not be known to run."""
    keys = redis(stack, "KEYS", "*")
    if not isinstance(keys, list):
        raise PortalFailure(f"Redis did not tell its keys: {stack.log('redis')}")
    gone = [key for key in keys if not key.startswith("rq:worker")]
    if gone:
        redis(stack, "DEL", *gone)
