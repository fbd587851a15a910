"""Everything a portal's servers are, installed once into one folder: CKAN, Solr, and a founded, empty portal."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from loopback import configuration, database
from loopback.failure import PortalFailure
from loopback.lifecycle import down, start
from loopback.processes import run
from loopback.programs import Programs, missing_packages, program
from loopback.stack import ACCOUNTS, Secrets, Stack, Wishes, choose, write_private


@dataclass(frozen=True)
class _Part:
    """A part of the installation: what it is called, the files it is made from, and how."""

    title: str
    recipes: list[Path]
    make: Callable[[Programs], None]


def _parts(programs: Programs) -> list[_Part]:
    packages, solr = programs.source / "constraints.txt", programs.recipes / "solr"
    founding = [programs.recipes / "site" / "found.py", programs.recipes / "database.py"]
    plugins = [folder / "pyproject.toml" for folder in programs.own_plugins()]
    return [
        _Part("CKAN (the first time this takes a minute)", [packages], _make_environment),
        _Part("Solr", [solr / "pom.xml", solr / "SolrOnLoopback.java"], _make_solr),
        _Part("an empty portal", [packages, *founding], _found),
        _Part("this project's plugins", [packages, *plugins], _add_plugins),
    ]


def install(programs: Programs, say: Callable[[str], None]) -> None:
    """Install what is missing or was made from other recipes; where all is there, do nothing."""
    missing = " ".join(missing_packages())
    if missing:
        raise PortalFailure(f"missing here: {missing}. As root on Debian: apt-get install {missing}")
    programs.folder.mkdir(parents=True, exist_ok=True)
    record = programs.folder / "installed.json"
    done = json.loads(record.read_text("utf-8")) if record.exists() else {}
    for part in _parts(programs):
        digest = _digest(programs, part)
        if done.get(part.title) != digest:
            say(f"installing {part.title} …")
            part.make(programs)
            done[part.title] = digest
            record.write_text(json.dumps(done, indent=2), "utf-8")


def _digest(programs: Programs, part: _Part) -> str:
    """Of the recipes and of the folder, whose path the environment's programs name."""
    digest = hashlib.sha256(f"{programs.folder.resolve()}\0{sys.version}\0".encode())
    for file in part.recipes:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _make_environment(programs: Programs) -> None:
    log = programs.folder / "environment.log"
    base = Path(sys.base_prefix) / "bin" / "python3"
    run([str(base if base.exists() else sys.executable), "-m", "venv", "--clear", str(programs.environment)], log)
    run([*_pip(programs), "--requirement", str(programs.source / "constraints.txt")], log)


def _add_plugins(programs: Programs) -> None:
    for folder in programs.own_plugins():
        run([*_pip(programs), "--editable", str(folder)], programs.folder / "plugins.log")


def _pip(programs: Programs) -> list[str]:
    """Without dependencies: constraints.txt names every package, so that pip has nothing to choose."""
    return [str(programs.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]


def _make_solr(programs: Programs) -> None:
    log = programs.folder / "solr.log"
    shutil.rmtree(programs.jars, ignore_errors=True)
    recipe = programs.recipes / "solr"
    maven = [program("mvn", "maven"), "-q", "-B", "-f", str(recipe / "pom.xml")]
    run([*maven, "dependency:copy-dependencies", f"-DoutputDirectory={programs.jars}"], log)
    javac = [program("javac", "default-jdk-headless"), "-cp", f"{programs.jars}/*", "-d", str(programs.jars)]
    run([*javac, str(recipe / "SolrOnLoopback.java")], log)


def _found(programs: Programs) -> None:
    """A portal with tables and accounts and no data; to copy it takes a second, to found it took twenty."""
    folder = programs.folder / "founding"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(programs.empty_portal, ignore_errors=True)
    folder.mkdir(mode=0o711)
    for made in ("log", "storage", "accounts"):
        (folder / made).mkdir(mode=0o700)
    words = Secrets(*(secrets.token_hex(16) for _ in range(4)))
    write_private(folder / "secrets.json", json.dumps(asdict(words)))
    stack = choose(folder, Wishes(), 0)
    database.create(stack)
    configuration.write_solr(stack, programs)
    try:
        start(stack, programs, ("postgres", "redis", "solr"))
        _fill(stack, programs)
    finally:
        down(stack)
    folder.rename(programs.empty_portal)


def _fill(stack: Stack, programs: Programs) -> None:
    database.prepare(stack, programs)
    configuration.write_ckan(stack, programs)
    founder = programs.recipes / "site" / "found.py"
    arguments = [str(stack.configuration), json.dumps(ACCOUNTS), str(stack.folder / "accounts")]
    run([str(programs.python), str(founder), *arguments], stack.log("founding"))
    database.keep_founded(stack)
