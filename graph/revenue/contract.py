"""By which plan a partner pays, and by which agreement that is shared."""

from collections.abc import Callable
from dataclasses import dataclass

from graph.partner.registry import DEFAULT_AGREEMENT, DEFAULT_PLAN, Partners
from graph.revenue.agreement import Agreement
from graph.revenue.plan import Plan
from graph.revenue.terms import Terms
from graph.settings import Settings


@dataclass(frozen=True)
class Contract:
    """What holds between a partner and us."""

    plan: Plan
    agreement: Agreement

    def told(self) -> tuple[str, str, str]:
        """Return plan, agreement and currency as they are kept with what was billed by them."""
        plan, agreement = self.plan.model_dump_json(), self.agreement.model_dump_json()
        return plan, agreement, self.plan.currency


def contracts_of(settings: Settings) -> Callable[[str], Contract]:
    """Return what tells a partner's contract, as the registry and the terms have it now."""

    def contract_of(partner_id: str) -> Contract:
        partners, terms = Partners.of(settings), Terms.of(settings)
        partner = partners.find(partner_id)
        partners.let_go()
        plan = partner.plan if partner else DEFAULT_PLAN
        agreement = partner.agreement if partner else DEFAULT_AGREEMENT
        return Contract(terms.plan(plan), terms.agreement(agreement))

    return contract_of
