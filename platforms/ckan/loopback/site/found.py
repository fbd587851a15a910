"""Found an empty portal: tables, accounts, organisations, tokens (run by CKAN's own Python, once at installation)."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins.toolkit import get_action


def found(configuration: str, accounts: dict[str, str | None], folder: Path) -> None:
    """Make each account; one with an organisation becomes its editor, one without is a sysadmin."""
    application = make_app(CKANConfigLoader(configuration).get_config())
    with application._wsgi_app.test_request_context():
        model.repo.init_db()
        system = {"ignore_auth": True, "user": get_action("get_site_user")({"ignore_auth": True}, {})["name"]}
        for name, organisation in accounts.items():
            password = secrets.token_urlsafe(16)
            account = {"name": name, "email": f"{name}@example.org", "password": password}
            user = get_action("user_create")(dict(system), account)
            if organisation is None:
                model.User.get(user["id"]).sysadmin = True
                model.repo.commit()
            else:
                users = [{"name": name, "capacity": "editor"}]
                get_action("organization_create")(dict(system), {"name": organisation, "users": users})
            made = get_action("api_token_create")(dict(system), {"user": name, "name": "loopback"})
            _write_private(folder / f"{name}.token", made["token"])
            _write_private(folder / f"{name}.password", password)


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, "utf-8")


if __name__ == "__main__":
    found(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))
