"""Writes what is generated: the commands, the rules, the JSON Schemas of the YAML kinds, the officers' workbook.

`make fix` runs it; tests say when a file is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipelines.cli import cli
from quality.measures import numbers_of
from quality.rules.catalogue import RULES
from quality.rules.rule import Rule
from quality.score_profiles import REGIONAL
from resource_catalog.catalog import load_catalog
from resource_catalog.fault_rules import FAULT_RULES
from resource_catalog.json_schema import write_json_schemas
from resource_catalog.national_template import export_catalog
from resource_catalog.workspace import open_workspace

ROOT = Path(__file__).parent.parent
COMMANDS = "pipelines/COMMANDS.md"
RULE_LIST = "quality/RULES.md"
FAULT_RULE_LIST = "resource_catalog/RULES.md"
SCHEMAS = "schemas/yaml"
#: The catalogue as officers keep it: what `opendata catalog export` writes.
WORKBOOK = "resource_catalog/catalogue.xlsx"


def _commands(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, click.Context]]:
    own = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    if isinstance(command, click.Group):
        for child in sorted(command.commands):
            yield from _commands(command.commands[child], child, own)
    else:
        yield own.command_path, own


def commands_reference() -> str:
    """Every command with its help."""
    parts = ["# Commands", "", "Generated from the program; `make fix` renews it.", ""]
    for path, context in _commands(cli, "opendata", None):
        context.max_content_width = 100
        parts += [f"## {path}", "", "```", context.get_help(), "```", ""]
    return "\n".join(parts)


def rules_reference() -> str:
    """Every rule with its titles, severity, whether an entry may waive it, indicator and fix."""
    parts = [
        "# Rules",
        "",
        "Generated from `quality/rules/`; `make fix` renews it. Indicators are those of GB/T 36344-2018 and, after the",
        "arrow, of DB31/T 1523-2024. A cell that breaks a `must` rule of 0101, 0105, 0301 or 0302 is dirty data,",
        "0305, too. A rule that stops a source from being read blocks it, and so has nothing to count. What is",
        "waivable, an entry may let pass for a time (`quality.waivers`). What has no indicator is a suspicion about",
        "any text: it is told, and counts in no score.",
        "",
        "| rule | title | severity | waivable | indicators | fix |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for code, rule in sorted(RULES.items()):
        fix = " · ".join(said.replace("|", "\\|") for said in (rule.fix_zh, rule.fix) if said)
        titles, waivable = f"{rule.title} · {rule.title_en}", "yes" if rule.waivable else "no"
        parts.append(f"| `{code}` | {titles} | {rule.severity} | {waivable} | {_indicators(rule)} | {fix} |")
    return "\n".join(parts) + "\n"


def _indicators(rule: Rule) -> str:
    if not rule.scored:
        return "–"
    numbers = numbers_of(rule)
    regional = [code for number in numbers for code in REGIONAL.codes_for(number, rule.code)]
    return f"{' '.join(numbers)} → {' '.join(regional)}"


def fault_rules_reference() -> str:
    """Every rule of the catalogue's self-check with its titles, severity, basis and fix."""
    parts = [
        "# Rules of the catalogue's self-check",
        "",
        "Generated from `fault_rules.py`; `make fix` renews it. A number is the element of the national guide",
        "(发改高技术〔2017〕1272号) that a rule rests on; MQA is the metadata quality assessment of data.europa.",
        "A rule marked * binds only catalogues of that guide: those whose agency's language is Chinese.",
        "",
        "| rule | title | severity | rests on | fix |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code, rule in sorted(FAULT_RULES.items()):
        mark = " *" if rule.national else ""
        parts.append(
            f"| `{code}`{mark} | {rule.title} · {rule.title_en} | {rule.severity} | {rule.basis} | {rule.fix} |"
        )
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write all of it."""
    (ROOT / COMMANDS).write_text(commands_reference(), "utf-8")
    (ROOT / RULE_LIST).write_text(rules_reference(), "utf-8")
    (ROOT / FAULT_RULE_LIST).write_text(fault_rules_reference(), "utf-8")
    write_json_schemas(ROOT / SCHEMAS)
    export_catalog(load_catalog(open_workspace(ROOT)), ROOT / WORKBOOK)


if __name__ == "__main__":
    main()
