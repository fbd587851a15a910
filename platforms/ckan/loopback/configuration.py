"""What CKAN and Solr read when they start, written anew each time from what was decided."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from loopback.failure import PortalFailure
from loopback.programs import Programs
from loopback.stack import ADDRESS, Stack, write_private

#: What every portal has, and what `--with` adds.
_PLUGINS = ("datastore", "datatables_view", "text_view", "image_view")
_ADDED_PLUGINS = {"dcat": ("dcat", "structured_data"), "xloader": ("xloader",)}
_LOGGING = """
[loggers]
keys = root, ckan, ckanext
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[logger_ckan]
level = INFO
handlers =
qualname = ckan
[logger_ckanext]
level = INFO
handlers =
qualname = ckanext
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)s [%(name)s] %(message)s
"""


def plugins(stack: Stack, programs: Programs) -> list[str]:
    """CKAN's plugins, in order; a short name that nothing installed answers to is refused."""
    own = {name: (name,) for folder in programs.own_plugins() for name in _names(folder)}
    known = {**_ADDED_PLUGINS, **own}
    unknown = [name for name in stack.wishes.plugins if name not in known]
    if unknown:
        raise PortalFailure(f"there is no plugin {', '.join(unknown)}; --with knows {', '.join(sorted(known))}.")
    return [*_PLUGINS, *(plugin for name in stack.wishes.plugins for plugin in known[name])]


def _names(folder: Path) -> list[str]:
    """Under which names a distribution gives CKAN its plugins."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project", {})
    return list(project.get("entry-points", {}).get("ckan.plugins", {}))


def write_ckan(stack: Stack, programs: Programs) -> None:
    """CKAN's configuration, readable by its owner alone, for it holds passwords."""
    settings = {**_settings(stack), "ckan.plugins": " ".join(plugins(stack, programs)), **stack.wishes.settings}
    # ConfigParser would take a per cent sign for the beginning of a name.
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings.items()]
    write_private(stack.configuration, "\n".join(["[app:main]", "use = egg:ckan", *lines, _LOGGING]))


def _settings(stack: Stack) -> dict[str, str]:
    token = stack.token_file("administrator")
    return {
        "ckan.site_url": stack.url,
        "ckan.site_id": "loopback",
        "ckan.locale_default": "zh_Hans_CN",
        "ckan.locales_offered": "zh_Hans_CN en",
        "ckan.storage_path": str(stack.storage),
        "ckan.max_resource_size": "2000",
        "SECRET_KEY": stack.secrets().key,
        "sqlalchemy.url": stack.database_url("ckan", "ckan"),
        "ckan.datastore.write_url": stack.database_url("datastore", "ckan"),
        "ckan.datastore.read_url": stack.database_url("datastore", "datastore_reader"),
        "ckan.redis.url": f"redis://{ADDRESS}:{stack.ports.redis}/0",
        "solr_url": stack.solr_url,
        "ckanext.xloader.jobs_db.uri": stack.database_url("jobs", "ckan"),
        # While the portal is being founded there is no account yet.
        "ckanext.xloader.api_token": token.read_text("utf-8").strip() if token.exists() else "NOT_SET",
    }


def write_solr(stack: Stack, programs: Programs) -> None:
    """Solr's home, with one core under CKAN's own schema; an index that is there stays."""
    core = stack.folder / "solr" / "ckan"
    settings = core / "conf"
    settings.mkdir(parents=True, exist_ok=True)
    (stack.folder / "solr" / "solr.xml").write_text("<solr></solr>\n", "utf-8")
    (core / "core.properties").write_text("name=ckan\n", "utf-8")
    shutil.copy(programs.solr_schema(), settings / "schema.xml")
    shutil.copy(programs.recipes / "solr" / "solrconfig.xml", settings / "solrconfig.xml")
    for words in ("synonyms", "stopwords", "protwords"):
        (settings / f"{words}.txt").touch()
