"""CKAN as a WSGI application, loaded once and then shared by the server's processes (run by CKAN's own Python)."""

from __future__ import annotations

import os

from ckan import authz, logic, model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckanext.datastore.backend import postgres

application = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())

# CKAN gathers both at the first request, and a second one that comes meanwhile finds some only, and fails.
logic.get_action("status_show")
authz.auth_functions_list()

# Loading it opened connections. Two processes that inherit one would read each other's answers.
model.Session.remove()
model.meta.engine.dispose()
postgres._dispose_engines()
