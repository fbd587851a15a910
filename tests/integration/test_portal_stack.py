"""The portal on loopback is a real CKAN: it keeps and shows data, and its servers die and come back by name."""

from __future__ import annotations

import io
import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import ckanapi
import pytest
import requests

from tests.portal_factory import Portal

ROWS = [{"文号": "007", "名称": "东港食品店"}, {"文号": "008", "名称": "西港书店"}]
CSV = "文号,名称\n007,东港食品店\n008,西港书店\n".encode()


def _publish(portal: Portal, name: str) -> dict[str, Any]:
    """A dataset with one file, and the same rows in its DataStore."""
    dataset = portal.call("package_create", "editor", name=name, title="行政许可", owner_org="own-agency")
    file = io.BytesIO(CSV)
    file.name = "permits.csv"
    made = portal.call("resource_create", "editor", file, package_id=dataset["id"], name="permits", format="CSV")
    fields = [{"id": "文号", "type": "text"}, {"id": "名称", "type": "text"}]
    table = {"resource_id": made["id"], "fields": fields, "primary_key": ["文号"], "records": ROWS, "force": True}
    portal.call("datastore_create", "editor", **table)
    return dict(made)


def _as_anybody_reads(portal: Portal, resource: dict[str, Any]) -> tuple[list[dict[str, str]], bytes, list[str]]:
    """Its rows, its file, and the datasets that a search for its title finds."""
    found = portal.call("datastore_search", resource_id=resource["id"], sort="文号")["records"]
    rows = [{name: row[name] for name in ("文号", "名称")} for row in found]
    answer = requests.get(resource["url"], timeout=60)
    answer.raise_for_status()
    return rows, answer.content, [item["name"] for item in portal.call("package_search", q="行政许可")["results"]]


def test_what_an_editor_publishes_anybody_reads(empty_portal: Portal) -> None:
    resource = _publish(empty_portal, "permits")

    assert _as_anybody_reads(empty_portal, resource) == (ROWS, CSV, ["permits"])


def test_an_editor_of_another_organisation_may_not_write(portal: Portal) -> None:
    with pytest.raises(ckanapi.NotAuthorized):
        portal.call("package_create", "other-editor", name="foreign", owner_org="own-agency")
    with pytest.raises(ckanapi.NotFound):
        portal.call("package_show", id="foreign")


def test_anybody_reads_by_a_role_that_cannot_write(portal: Portal) -> None:
    roles = portal.sql("datastore", "SELECT has_schema_privilege('datastore_reader', 'public', 'CREATE')")

    assert roles == [(False,)]


@pytest.mark.parametrize("server", ["postgres", "redis", "solr", "ckan", "worker"])
def test_a_killed_server_comes_back(empty_portal: Portal, server: str) -> None:
    resource = _publish(empty_portal, f"before-{server}")
    before = _as_anybody_reads(empty_portal, resource)

    empty_portal.control("kill", server)
    killed = empty_portal.command("status")
    empty_portal.control("start", server, "worker")  # which needs a while to find a Redis that was away

    assert killed.returncode == 1
    assert [line.split()[0] for line in killed.stdout.splitlines() if "does not" in line][0] == server
    assert empty_portal.command("status").returncode == 0
    assert _as_anybody_reads(empty_portal, resource) == before
    _publish(empty_portal, f"after-{server}")


def test_a_paused_server_hangs_until_it_is_resumed(portal: Portal) -> None:
    portal.control("pause", "ckan")
    with pytest.raises(requests.Timeout):
        requests.get(f"{portal.url}/api/3/action/status_show", timeout=0.5)
    portal.control("resume", "ckan")

    assert portal.call("status_show")["ckan_version"] == "2.12.0"


def test_up_changes_nothing_where_all_is_up(portal: Portal) -> None:
    before = _processes(portal)
    portal.control("up")

    assert _processes(portal) == before


def test_a_half_started_portal_is_named_with_its_log(portal: Portal) -> None:
    portal.control("kill", "solr")
    refused = portal.command("up")
    portal.control("start", "solr")

    assert refused.returncode == 1
    assert str(portal.folder / "log" / "solr.log") in refused.stderr
    assert "ckan.log" not in refused.stderr


def test_only_what_it_started_is_ended(portal: Portal) -> None:
    """A number that has passed to somebody else's process is not killed."""
    record = portal.folder / "run" / "worker.json"
    ours = json.loads(record.read_text("ascii"))
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as foreign:
        record.write_text(json.dumps({**ours, "number": foreign.pid}), "ascii")
        portal.control("kill", "worker")
        still_runs = foreign.poll() is None
        foreign.kill()
    record.write_text(json.dumps(ours), "ascii")

    assert still_runs
    assert portal.command("status").returncode == 0


def test_no_secret_is_printed_or_open_to_others(portal: Portal) -> None:
    printed = portal.command("up")
    accounts = sorted((portal.folder / "accounts").iterdir())
    kept = json.loads((portal.folder / "secrets.json").read_text("utf-8"))
    secrets = [*kept.values(), *(file.read_text("utf-8").strip() for file in accounts)]

    assert len(secrets) == 10
    assert [secret for secret in secrets if secret in printed.stdout + printed.stderr] == []
    assert [_mode(portal.folder / name) for name in ("portal.json", "secrets.json", "ckan.ini")] == [0o600] * 3
    assert {_mode(file) for file in accounts} == {0o600}
    arguments = [Path("/proc", str(number), "cmdline").read_bytes() for number in _processes(portal).values()]
    assert [secret for secret in secrets if secret.encode() in b"".join(arguments)] == []


def test_what_it_prints_can_be_read_by_a_shell(portal: Portal) -> None:
    printed = portal.control("up")
    script = f'{printed}\nprintf "%s %s" "$CKAN_URL" "$CKAN_TOKEN"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert shell.stdout == f"{portal.url} {portal.token('administrator')}"


def test_settings_and_plugins_are_changed_and_set_back(portal: Portal) -> None:
    page = f"{portal.url}/catalog.ttl"
    query = f'SELECT count(*) AS rows FROM "{_publish(portal, "queried")["id"]}"'

    portal.configure("ckan.datastore.sqlsearch.enabled=true", plugins=("dcat",))
    rows = portal.call("datastore_search_sql", sql=query)["records"]
    catalogue = requests.get(page, timeout=60).status_code
    portal.configure()

    assert (rows, catalogue) == ([{"rows": len(ROWS)}], 200)
    assert requests.get(page, timeout=60).status_code == 404
    with pytest.raises(ckanapi.CKANAPIError):
        portal.call("datastore_search_sql", sql=query)


def test_an_unknown_plugin_is_refused_before_anything_ends(portal: Portal) -> None:
    before = _processes(portal)
    refused = portal.command("configure", "--with", "no-such-plugin")

    assert refused.returncode == 1
    assert "no-such-plugin" in refused.stderr
    assert _processes(portal) == before


def test_emptied_it_keeps_its_accounts_and_nothing_else(portal: Portal) -> None:
    resource = _publish(portal, "to-be-forgotten")
    portal.control("empty")

    assert portal.call("package_search", q="*:*")["count"] == 0
    assert portal.call("package_list") == []
    assert portal.sql("datastore", f"SELECT FROM pg_class WHERE relname = '{resource['id']}'") == []
    assert [file for file in (portal.folder / "storage").rglob("*") if file.is_file()] == []
    _publish(portal, "to-be-forgotten")


def _processes(portal: Portal) -> dict[str, int]:
    """The servers' process numbers."""
    return {file.stem: int(json.loads(file.read_text("ascii"))["number"]) for file in (portal.folder / "run").iterdir()}


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)
