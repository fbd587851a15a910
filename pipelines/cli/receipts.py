"""The command on receipts of shared tables: verify, with nothing but the receipt and the public key."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.options import common, print_json


@click.group()
def receipt() -> None:
    """Signed receipts of what was shared."""


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", required=True, type=click.Path(path_type=Path), help="The agency's public key, a .pub file.")
@common
def verify(file: Path, key: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Verify a receipt, or a noted head of the audit log, offline.

    Ends with 2 where it is not what the key signed. Nothing else is read.
    """
    from pipelines.targets.sharing.receipts import verify_receipt

    found = verify_receipt(file, key)
    if as_json:
        print_json({"valid": True, "receipt": found})
    elif "dataset" not in found:
        click.echo(
            f"valid: {found['rows']} rows of the audit log by {found['at']}, the last one's hash {found['hash']}"
        )
    else:
        click.echo(
            f"valid: {found['dataset']}, release {found['release']} as version {found['version']} of {found['at']}, "
            f"{found['rows']} rows, {found['rows_digest']}"
        )


COMMANDS = (receipt,)
