"""Start the server, or look after its store: `python -m opendata_sharing --store DIR`."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from opendata_sharing.errors import StoreUnusable

DESCRIPTION = "The Delta Sharing server of a sharing store, on loopback unless another host is named."


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; 0, or 1 where the audit log has a fault, or 2 where the store can't be used."""
    parser = argparse.ArgumentParser("python -m opendata_sharing", description=DESCRIPTION)
    parser.add_argument("--store", type=Path, required=True, help="the folder that the pipeline publishes to")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0: any free one (default: %(default)s)")
    parser.add_argument("--certificate", type=Path, help="PEM file; with --key the server speaks https")
    parser.add_argument("--key", type=Path, help="PEM file of the certificate's key")
    parser.add_argument("--verify", action="store_true", help="check the audit log's chains, and end")
    parser.add_argument(
        "--rotate-keys", action="store_true", help="add a key that signs addresses from now on, and end"
    )
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verify:
            return _verify(chosen.store / "calls.sqlite")
        if chosen.rotate_keys:
            return _rotate(chosen.store)
        return _serve(chosen)
    except StoreUnusable as error:
        print(f"{chosen.store}: {error}", file=sys.stderr)
        return 2


def _verify(path: Path) -> int:
    from opendata_sharing.audit import find_fault

    try:
        count, fault = find_fault(path)
    except sqlite3.Error as error:
        raise StoreUnusable(f"{path.name} can't be read: {error}") from error
    print(fault or f"{count} rows, none changed, dropped or moved")
    return 1 if fault else 0


def _rotate(store: Path) -> int:
    from opendata_sharing.keys import make_key

    if not store.is_dir():
        raise StoreUnusable("there is no such store")
    kid = make_key(store / "keys")
    print(f"url-{kid}.key signs from now on; remove the older ones when the addresses that they signed are over")
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    import socket

    import uvicorn

    from opendata_sharing.app import create_app
    from opendata_sharing.routes import PREFIX
    from opendata_sharing.settings import from_environment

    app = create_app(from_environment(chosen.store))
    try:
        listening = socket.create_server((chosen.host, chosen.port), backlog=1024)
    except OSError as error:
        raise StoreUnusable(f"port {chosen.port} of {chosen.host} can't be opened: {error.strerror}") from error
    scheme = "https" if chosen.certificate else "http"
    print(f"{scheme}://{chosen.host}:{listening.getsockname()[1]}{PREFIX}", flush=True)
    # No access log: it would write down the signatures of addresses. The audit log has every call.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        ssl_certfile=chosen.certificate,
        ssl_keyfile=chosen.key,
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
