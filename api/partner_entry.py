"""A partner signs up: it is written down, and gets a secret or has keys of its own."""

from typing import Any

from api.assertion import checked_keys
from api.clients import Clients
from graph.errors import BadInput
from graph.lab import PLAN
from graph.partner.registry import Partners
from graph.settings import Settings


def enter(settings: Settings, partner_id: str, name: str, keys: Any = None) -> str | None:
    """Write a partner down, and return its secret; none beside keys.

    It waits for approval, except in a lab.

    Raises
    ------
    BadInput
        Identifier, name or keys cannot be right, or somebody else has the identifier.
    TooManyRequests
        Too many wait for approval.
    """
    clients = Clients(settings.clients_file)
    if any(client.name == partner_id for client in clients.all()):
        raise BadInput("there is a client of that identifier already")
    partners = Partners.of(settings)
    partners.sign_up(partner_id, name, checked_keys(keys) if keys else None)
    if settings.is_lab:
        partners.approve(partner_id, plan=PLAN)
    return None if keys else clients.add(partner_id, "partner")
