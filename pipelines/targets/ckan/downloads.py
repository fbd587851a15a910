"""A file as a reader downloads it: one that the portal has lost is a finding, and no reason to stop."""

from __future__ import annotations

from pipelines.targets.ckan.client import Client, Fetched
from pipelines.targets.ckan.errors import PortalDown


def download(client: Client, address: str, *, anonymous: bool = True) -> Fetched:
    """What is had at a file's address; status 500 where the portal fails at this file and at nothing else.

    CKAN 2.12 answers 500 where its disk has lost a file.

    Raises:
        PortalError: the portal itself fails.
    """
    try:
        return client.fetch(client.path_of(address), anonymous=anonymous)
    except PortalDown:
        client.read("status_show", anonymous=True)  # its answer says that the portal lives
        return Fetched(500, "", 0, "", b"")
