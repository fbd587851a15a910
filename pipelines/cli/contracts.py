"""The commands on what bureaus rely on, and on changes that are announced to them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli.options import common, opened, print_json, read_day, words_of


@click.group()
def contract() -> None:
    """What bureaus rely on: columns and keys that a change may not break unannounced."""


@contract.command("register")
@click.argument("bureau_id", metavar="BUREAU")
@click.argument("dataset", metavar="DATASET")
@click.option("--columns", default="", metavar="A,B", help="The columns that it relies on.")
@click.option("--keys", default="", metavar="A", help="The columns by which it tells rows apart.")
@common
def contract_register(
    bureau_id: str, dataset: str, columns: str, keys: str, workspace: Path, home: Path | None, as_json: bool
) -> None:
    """Note what a bureau relies on in a dataset, in the place of what it relied on before."""
    from pipelines.commands import sharing_contracts
    from pipelines.reporting.sharing_lines import contract_document

    with opened(workspace, home, as_json, leave_home=True) as run:
        made = sharing_contracts.register(run, bureau_id, dataset, words_of(columns), words_of(keys))
    if as_json:
        print_json(contract_document(made))
    else:
        click.echo(f"{bureau_id} relies on {', '.join(made.columns)} of {dataset}")


@contract.command("end")
@click.argument("bureau_id", metavar="BUREAU")
@click.argument("dataset", metavar="DATASET")
@common
def contract_end(bureau_id: str, dataset: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """End a contract: the bureau relies on nothing of the dataset any more."""
    from pipelines.commands import sharing_contracts

    with opened(workspace, home, as_json, leave_home=True) as run:
        sharing_contracts.end(run, bureau_id, dataset)
    facts = {"bureau": bureau_id, "dataset": dataset, "ended": True}
    print_json(facts) if as_json else click.echo(f"{bureau_id} relies on nothing of {dataset} any more")


@contract.command("list")
@common
def contract_list(workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every contract with what the catalogue of today breaks of it, and the announced changes."""
    from pipelines.commands import sharing_contracts
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        lines, announced = sharing_contracts.listed(run)
    if as_json:
        print_json(sharing_lines.contracts_document(lines, announced))
    else:
        sharing_lines.print_contracts(lines, announced, sys.stdout)


@click.command()
@click.argument("dataset", metavar="DATASET")
@click.option("--what", required=True, help="What is to change; bureaus read it.")
@click.option("--on", "day", required=True, metavar="DATE", help="The day from which on it may come, YYYY-MM-DD.")
@common
def announce(dataset: str, what: str, day: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Announce a change to the bureaus that read a dataset; before its day, publish refuses to break a contract."""
    from pipelines.commands import sharing_contracts
    from pipelines.reporting.sharing_lines import announcement_document

    with opened(workspace, home, as_json, leave_home=True) as run:
        made = sharing_contracts.announce(run, dataset, what, read_day(day, "--on"))
    if as_json:
        print_json(announcement_document(made))
    else:
        click.echo(f"{dataset}: announced for {made.effective_on}: {made.what}")


COMMANDS = (contract, announce)
