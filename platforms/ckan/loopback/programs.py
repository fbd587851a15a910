"""Where the servers' programs are, and which Debian packages bring those that are missing."""

from __future__ import annotations

import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from loopback.failure import PortalFailure

#: PostgreSQL's programs are not on Debian's PATH; the newest version is taken.
_POSTGRES_FOLDERS = "postgresql/*/bin"
_LIBRARIES = Path("/usr/lib")


@dataclass(frozen=True)
class Programs:
    """What `install` makes, in `folder`, from the recipes in `source`: CKAN's environment, Solr, an empty portal."""

    source: Path
    folder: Path

    @property
    def environment(self) -> Path:
        """CKAN's own virtual environment, apart from the pipeline's."""
        return self.folder / "environment"

    @property
    def python(self) -> Path:
        """The Python that has CKAN."""
        return self.environment / "bin" / "python"

    @property
    def jars(self) -> Path:
        """Solr, and what it needs."""
        return self.folder / "solr"

    @property
    def empty_portal(self) -> Path:
        """A founded portal without data, which every new one begins as a copy of."""
        return self.folder / "empty-portal"

    @property
    def recipes(self) -> Path:
        """The package that this module belongs to, whose Java and CKAN programs other interpreters run."""
        return self.source / "loopback"

    def solr_schema(self) -> Path:
        """CKAN's own schema for Solr, from the installed version."""
        found = sorted(self.environment.glob("lib/python3*/site-packages/ckan/config/solr/schema.xml"))
        if not found:
            raise PortalFailure(f"{self.environment} holds no CKAN: run portal.py install.")
        return found[0]

    def datastore_permissions(self) -> str:
        """CKAN's own SQL for the DataStore's roles, with places for their names."""
        file = self.solr_schema().parents[3] / "ckanext" / "datastore" / "set_permissions.sql"
        return file.read_text("utf-8")

    def own_plugins(self) -> list[Path]:
        """The folders beside this package that are CKAN plugins of ours."""
        return sorted(file.parent for file in self.source.glob("*/pyproject.toml"))


def postgres_program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    found = _postgres_program(name)
    if found is None:
        raise PortalFailure(f"{name} is missing: apt-get install postgresql")
    return found


def _postgres_program(name: str) -> str | None:
    folders = _LIBRARIES.glob(_POSTGRES_FOLDERS)
    newest = sorted(folders, key=lambda folder: float(folder.parent.name), reverse=True)
    places = [folder / name for folder in newest if (folder / name).exists()]
    return str(places[0]) if places else shutil.which(name)


def program(name: str, package: str) -> str:
    """The path of a program that a Debian package brings."""
    found = shutil.which(name)
    if found is None:
        raise PortalFailure(f"{name} is missing: apt-get install {package}")
    return found


def missing_packages() -> list[str]:
    """The Debian packages to install first; empty where everything is there."""
    wanted = {
        "postgresql": _postgres_program("initdb") and _postgres_program("psql"),
        "redis-server": shutil.which("redis-server"),
        "default-jdk-headless": shutil.which("java") and shutil.which("javac"),
        "maven": shutil.which("mvn"),
        # psycopg2, which CKAN pins, comes as source.
        "gcc": shutil.which("gcc"),
        "libpq-dev": shutil.which("pg_config") and next(_LIBRARIES.glob("*/libpq.so"), None),
        "libmagic1": next(_LIBRARIES.glob("*/libmagic.so.1"), None),
        "python3-dev": (Path(sysconfig.get_path("include")) / "Python.h").exists(),
    }
    return [package for package, found in wanted.items() if not found]
