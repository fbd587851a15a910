"""All addresses of the server, each with its methods, its name in the audit log and its handler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opendata_sharing import listing, page, reading
from opendata_sharing.server import Handler

#: What a profile's endpoint ends with.
PREFIX = "/delta-sharing"
_SHARE = PREFIX + "/shares/{share}"
_SCHEMA = _SHARE + "/schemas/{schema}"
_TABLE = _SCHEMA + "/tables/{table}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the server; `needs_token` False: the handler itself says who may."""

    path: str
    methods: Sequence[str]
    action: str
    handler: Handler
    needs_token: bool = True


PROTOCOL = (
    Address(PREFIX + "/shares", ("GET",), "list shares", listing.list_shares),
    Address(_SHARE, ("GET",), "get share", listing.get_share),
    Address(_SHARE + "/schemas", ("GET",), "list schemas", listing.list_schemas),
    Address(_SCHEMA + "/tables", ("GET",), "list tables", listing.list_tables),
    Address(_SHARE + "/all-tables", ("GET",), "list all tables", listing.list_all_tables),
    Address(_TABLE, ("HEAD",), "version", reading.get_version),
    Address(_TABLE + "/version", ("GET", "HEAD"), "version", reading.get_version),
    Address(_TABLE + "/metadata", ("GET",), "metadata", reading.get_metadata),
    Address(_TABLE + "/query", ("POST",), "query", reading.query),
    Address(_TABLE + "/changes", ("GET",), "changes", reading.get_changes),
    Address(_TABLE + "/queries/{query}", ("POST",), "async query", reading.refuse_asynchronous),
    Address(_TABLE + "/temporary-table-credentials", ("POST",), "credentials", reading.refuse_credentials),
)
PAGE = (
    Address("/", ("GET",), "page", page.show, needs_token=False),
    Address("/login", ("POST",), "log in", page.log_in, needs_token=False),
    Address("/logout", ("POST",), "log out", page.log_out, needs_token=False),
    Address("/needs", ("POST",), "hand in need", page.hand_in_need, needs_token=False),
    Address("/audit", ("GET",), "audit", page.own_audit, needs_token=False),
    Address("/receipts/{table}/{version}", ("GET",), "receipt", page.receipt, needs_token=False),
    Address("/keys/{name}", ("GET",), "public key", page.public_key, needs_token=False),
    Address("/page.css", ("GET",), "style", page.style, needs_token=False),
)
