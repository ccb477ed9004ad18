"""Partners: let them in, tell who they are, suspend them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import OUT
from graph.errors import BadInput
from graph.metering.quota import Quota
from graph.partner.registry import DEFAULT_AGREEMENT, DEFAULT_PLAN, DEFAULT_QUOTA, Partners
from graph.revenue.terms import Terms
from graph.settings import Settings

Identifier = Annotated[str, typer.Argument(help="Identifier: the subject of the partner's tokens.")]
Plan = Annotated[str | None, typer.Option(help="What it pays by; docs/revenue.md.")]
Agreement = Annotated[str | None, typer.Option(help="How that is shared.")]
Calls = Annotated[int | None, typer.Option(min=0, help="Most calls; unset: as it was.")]


def add_partner_command(
    identifier: Identifier,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    plan: Plan = DEFAULT_PLAN,
    agreement: Agreement = DEFAULT_AGREEMENT,
    calls_a_day: Calls = DEFAULT_QUOTA.day,
    calls_a_month: Calls = DEFAULT_QUOTA.month,
    keys: Annotated[
        Path | None, typer.Option(help="Its public keys, a JSON Web Key Set, instead of a secret.")
    ] = None,
) -> None:
    """Let a partner in; print its secret, once, unless it has keys of its own."""
    from api.partner_entry import enter

    settings = Settings()
    _check(settings, plan, agreement)
    secret = enter(settings, identifier, name or identifier, _read(keys) if keys else None)
    quota = Quota(calls_a_day, calls_a_month)
    Partners.of(settings).approve(identifier, plan, agreement, quota)
    if secret:
        print(secret)


def approve_partner_command(
    identifier: Identifier,
    plan: Plan = None,
    agreement: Agreement = None,
    calls_a_day: Calls = None,
    calls_a_month: Calls = None,
) -> None:
    """Let a partner in that signed up, or in again; change what it agreed to."""
    settings = Settings()
    _check(settings, plan, agreement)
    partners = Partners.of(settings)
    former = partners.partner(identifier).quota
    quota = Quota(
        former.day if calls_a_day is None else calls_a_day,
        former.month if calls_a_month is None else calls_a_month,
    )
    partners.approve(identifier, plan, agreement, quota)


def suspend_partner_command(identifier: Identifier) -> None:
    """Let a partner have no more answers, whatever tokens it has."""
    Partners.of(Settings()).suspend(identifier)


def set_partner_keys_command(
    identifier: Identifier,
    file: Annotated[Path, typer.Argument(help="Public keys: a JSON Web Key Set.")],
) -> None:
    """Replace a partner's public keys."""
    from api.assertion import checked_keys

    Partners.of(Settings()).set_keys(identifier, checked_keys(_read(file)))


def list_partners_command() -> None:
    """List the partners."""
    for one in Partners.of(Settings()).all():
        keys = len(one.keys["keys"]) if one.keys else 0
        told = (one.partner_id, one.state, one.plan, one.agreement, f"{keys} keys", one.name)
        OUT.print("\t".join(told), markup=False, highlight=False)


def _check(settings: Settings, plan: str | None, agreement: str | None) -> None:
    terms = Terms.of(settings)
    if plan:
        terms.plan(plan)
    if agreement:
        terms.agreement(agreement)


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{file.name} is not JSON") from error
