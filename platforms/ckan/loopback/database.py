"""The portal's PostgreSQL: made once, founded once, and set back to the founded state between tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from loopback.failure import PortalFailure
from loopback.processes import run
from loopback.programs import Programs, postgres_program
from loopback.stack import ADDRESS, Stack, write_private

#: PostgreSQL refuses to run as root; Debian's package makes this account for it.
ACCOUNT = "postgres"
DATABASES = ("ckan", "datastore")


def folder_of(stack: Stack) -> Path:
    """PostgreSQL's own folder."""
    return stack.folder / "postgres"


def command(stack: Stack) -> list[str]:
    """The server: on loopback alone, without a socket file, whose path may be too long for one."""
    settings = {"listen_addresses": ADDRESS, "port": str(stack.ports.postgres), "unix_socket_directories": ""}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [postgres_program("postgres"), "-D", str(folder_of(stack)), *options]


def create(stack: Stack) -> None:
    """Make PostgreSQL's folder; every connection needs a password."""
    password = stack.folder / "owner-password"
    write_private(password, stack.secrets().owner)
    log = stack.log("postgres")
    folder_of(stack).mkdir(mode=0o700)
    give(folder_of(stack))
    give(password)
    initdb = [postgres_program("initdb"), "-D", str(folder_of(stack)), "-U", "owner", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        run([*initdb, "--auth=scram-sha-256", f"--pwfile={password}"], log, account=ACCOUNT)
    finally:
        password.unlink()


def give(place: Path) -> None:
    """Let PostgreSQL's account own a file, or a folder with all in it, where it is another than ours."""
    if os.geteuid() == 0:
        for path in (place, *place.rglob("*")):
            shutil.chown(path, ACCOUNT, ACCOUNT)


def sql(stack: Stack, database: str, *statements: str) -> str:
    """Run SQL as the owner, statement by statement; what it answers, unaligned."""
    client = [postgres_program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", ADDRESS, "-U", "owner"]
    text = "\n".join(f"{statement.rstrip(';')};" for statement in statements)
    return run(
        [*client, "-p", str(stack.ports.postgres), "-d", database],
        stack.log("psql"),
        text=text,
        variables={"PGPASSWORD": stack.secrets().owner},
    )


def is_ready(stack: Stack) -> bool:
    """Whether the server takes connections, and the founder's password."""
    try:
        return sql(stack, "postgres", "SELECT 1").strip() == "1"
    except PortalFailure:
        return False


def prepare(stack: Stack, programs: Programs) -> None:
    """The roles and databases, with the DataStore's permissions in CKAN's own words; `jobs` is for ckanext-xloader."""
    secrets = stack.secrets()
    passwords = {"ckan": secrets.ckan, "datastore_reader": secrets.datastore_reader}
    sql(stack, "postgres", *(f"CREATE ROLE {role} LOGIN PASSWORD '{word}'" for role, word in passwords.items()))
    sql(stack, "postgres", *(f"CREATE DATABASE {name} OWNER ckan" for name in (*DATABASES, "jobs")))
    roles = {"mainuser": '"ckan"', "writeuser": '"ckan"', "readuser": '"datastore_reader"'}
    permissions = programs.datastore_permissions().format(maindb='"ckan"', datastoredb='"datastore"', **roles)
    sql(stack, "datastore", permissions)


def keep_founded(stack: Stack) -> None:
    """Keep the founded databases as the state that `set_back` goes back to."""
    sql(stack, "postgres", *(f"CREATE DATABASE {name}_founded TEMPLATE {name} OWNER ckan" for name in DATABASES))


def set_back(stack: Stack) -> None:
    """Put the founded databases in the place of those in use; CKAN connects anew with its next request."""
    dropped = [f"DROP DATABASE {name} WITH (FORCE)" for name in DATABASES]
    made = [f"CREATE DATABASE {name} TEMPLATE {name}_founded OWNER ckan" for name in DATABASES]
    sql(stack, "postgres", *dropped, *made)
