"""What CKAN loads."""

from __future__ import annotations

import logging
from typing import Any

from ckan import authz, logic, plugins
from ckan.plugins import toolkit
from ckanext.release import actions, authorization
from ckanext.release.recovery import recover_when_needed
from ckanext.release.whole import package_show
from psycopg2 import Error
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

_POOL = "ckan.datastore.sqlalchemy.pool_size"
_CONNECTIONS = 20
_ACTIONS = ("release_capabilities", "release_load", "release_switch", "release_drop", "release_files")


@toolkit.blanket.config_declarations
class ReleasePlugin(plugins.SingletonPlugin):
    """Adds the actions of `_ACTIONS`.

    And has `package_show` give a dataset of one state, also where it falls across a commit.
    """

    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.IActions)
    plugins.implements(plugins.IAuthFunctions)
    plugins.implements(plugins.IMiddleware, inherit=True)

    def update_config(self, config: Any) -> None:
        """Widen the DataStore's pool of connections, unless the portal says how wide it is to be.

        CKAN 2.12 asks what a name stands for and reads the answer after it gave the connection back, when a pool
        that is beyond its size has closed it: "cursor already closed". A search takes two, and the usual pool has five.
        """
        if not config.get(_POOL):
            config[_POOL] = _CONNECTIONS

    def get_actions(self) -> dict[str, Any]:
        """CKAN asks for the actions."""
        return {**{name: getattr(actions, name) for name in _ACTIONS}, "package_show": package_show}

    def get_auth_functions(self) -> dict[str, Any]:
        """CKAN asks who may call them."""
        return {name: getattr(authorization, name) for name in _ACTIONS}

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Before this process answers anybody, bring to an end what a killed one left between two commits.

        And have CKAN gather its actions and who may call them. It does so at the first request, and another one that
        comes meanwhile finds some of them only: a bare 500, "Authorization function not found".
        """
        app.before_request(_recover)
        logic.get_action("status_show")
        authz.auth_functions_list()
        return app


def _recover() -> None:
    try:
        recover_when_needed()
    except (Error, SQLAlchemyError, toolkit.ValidationError) as error:
        log.error("what a switch may have left is not put right yet, and is tried again: %s", error)
