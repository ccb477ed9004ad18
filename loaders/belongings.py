"""Rows for the graph of what subscribers own, use and had to say."""

import ibis
from ibis.expr.types import Table

from loaders.scope import Scope
from loaders.transforms import care, device, usage
from loaders.transforms.columns import named_keys


def belongings(scope: Scope) -> dict[str, Table]:
    """Return the rows of devices, apps, services, touchpoints and surveys, table by table."""
    sessions = _sessions(scope)
    return {**_devices(scope, sessions), **_usage(scope, sessions), **_care(scope)}


def _sessions(scope: Scope) -> Table:
    """Return whom and what new sessions name; few rows where the sessions themselves are few."""
    sessions = scope.fresh("sessions").rename(service_id="service")
    # Whose they are is only asked where some rows are told and others are not.
    whose = () if scope.is_whole else ("subscriber_id",)
    named = sessions.select("namespace", *whose, "app_id", "service_id", "tac").distinct()
    # Kept, because finding them among all sessions takes as long as reading them all.
    return scope.kept("fresh_sessions", named)


def _devices(scope: Scope, sessions: Table) -> dict[str, Table]:
    """Return the models of device that new records name, and who was seen with them."""
    devices, ownerships = scope.fresh("devices"), scope.fresh("ownerships")
    named = named_keys("tac", devices, ownerships, sessions)
    owned = device.ownerships(scope.records["ownerships"], scope.uses)
    return {
        "devices": device.devices(named, scope.records["devices"]),
        "ownerships": _of_fresh(scope, owned, "tac", ownerships, sessions),
    }


def _usage(scope: Scope, sessions: Table) -> dict[str, Table]:
    """Return the apps and services that new records name, and who used them how much."""
    surveys = scope.fresh("surveys").rename(service_id="service")
    apps = named_keys("app_id", scope.fresh("apps"), sessions, surveys)
    services = named_keys("service_id", sessions, surveys).select("service_id").distinct()
    app_uses, service_uses = (usage.uses_of(scope.uses, what) for what in ("app_id", "service_id"))
    return {
        "apps": usage.apps(apps, scope.records["apps"]),
        "app_uses": _of_fresh(scope, app_uses, "app_id", sessions),
        "services": services,
        "service_uses": _of_fresh(scope, service_uses, "service_id", sessions),
    }


def _care(scope: Scope) -> dict[str, Table]:
    # An answer's key is made of all that it says, pseudonyms included.
    answers = scope.people.spelt(scope.fresh("surveys"))
    return {
        "touchpoints": care.touchpoints(scope.of_keys("touchpoints")),
        "surveys": care.surveys(answers),
    }


def _of_fresh(scope: Scope, rows: Table, what: str, *fresh: Table) -> Table:
    """Return the rows whose subscriber some new record names together with the same ``what``."""
    if scope.is_whole:
        return rows
    pairs = [records.select("subscriber_id", what) for records in fresh]
    every = ibis.union(*pairs) if len(pairs) > 1 else pairs[0]
    return rows.semi_join(every, ["subscriber_id", what])
