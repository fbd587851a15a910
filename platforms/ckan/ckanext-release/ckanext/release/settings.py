"""What the portal's configuration says about switching, read when it is needed."""

from __future__ import annotations

from ckan.plugins import toolkit
from sqlalchemy.engine import make_url

MEGABYTE = 2**20


def waiting_schema() -> str:
    """The schema of the DataStore's database in which tables wait, out of readers' reach."""
    return str(toolkit.config["ckanext.release.schema"])


def read_role() -> str:
    """The role by which CKAN reads the DataStore for everybody."""
    return str(make_url(toolkit.config["ckan.datastore.read_url"]).username)


def lock_timeout() -> int:
    """Milliseconds that one try for a live table's lock may last."""
    return int(toolkit.config["ckanext.release.lock_timeout"])


def lock_wait() -> int:
    """Seconds after which a switch gives up."""
    return int(toolkit.config["ckanext.release.lock_wait"])


def two_phase_wanted() -> bool:
    """Whether two-phase commit is to be used where the server has it."""
    return bool(toolkit.config["ckanext.release.two_phase"])


def largest_upload() -> int:
    """Bytes of CSV, before compression, that a table may have."""
    megabytes = int(toolkit.config["ckanext.release.max_upload_size"] or toolkit.config["ckan.max_resource_size"])
    return megabytes * MEGABYTE


def full_text_method() -> str:
    """The kind of index over full text that this portal's DataStore uses: gin or gist."""
    return str(toolkit.config["ckan.datastore.default_fts_index_method"])


def full_text_language() -> str:
    """The language in which this portal's DataStore indexes single columns."""
    return str(toolkit.config["ckan.datastore.default_fts_lang"])
