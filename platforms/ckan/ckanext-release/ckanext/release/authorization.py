"""Who may load, switch, drop and ask for digests: whoever may update the dataset; others and visitors are refused."""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit


@toolkit.auth_disallow_anonymous_access
def release_capabilities(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Any user of the portal, told by the name: CKAN 2.12 gives visitors a user object too, an anonymous one."""
    return {"success": bool(context.get("user"))}


@toolkit.auth_disallow_anonymous_access
def release_load(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Whoever may update the dataset that has the resource."""
    return _may_update_dataset_of(context, [data.get("resource_id")])


@toolkit.auth_disallow_anonymous_access
def release_switch(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Whoever may update the datasets of all these resources; `package_revise` asks for the dataset itself."""
    return _may_update_dataset_of(context, list(data["tables"]))


@toolkit.auth_disallow_anonymous_access
def release_drop(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """As for a load, and also where the resource was removed: its table may still be read."""
    return _may_update_dataset_of(context, [data.get("resource_id")])


@toolkit.auth_disallow_anonymous_access
def release_files(context: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Whoever may update the datasets of all these resources."""
    return _may_update_dataset_of(context, list(data["resources"]))


def _may_update_dataset_of(context: Any, resource_ids: list[Any]) -> dict[str, Any]:
    if not context.get("user"):
        return {"success": False, "msg": "this action requires an authenticated user"}
    asked: set[str] = set()
    for resource_id in resource_ids:
        resource = model.Resource.get(str(resource_id))
        package_id = str(resource.package_id) if resource else ""
        # Without the resource nobody's right can be told; a sysadmin is let through before this is asked.
        if not package_id or (package_id not in asked and not _may_update(context, package_id)):
            return {"success": False, "msg": f"{context.get('user')} may not update the dataset of {resource_id}"}
        asked.add(package_id)
    return {"success": True}


def _may_update(context: Any, package_id: str) -> bool:
    alone = {key: value for key, value in context.items() if key not in ("package", "resource")}
    return bool(authz.is_authorized_boolean("package_update", alone, {"id": package_id}))
