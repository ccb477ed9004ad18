"""What subscribers take and pay."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from ibis.expr.types import Table

from loaders.transforms.columns import described

PACKAGE = (
    "name",
    "kind",
    "price_minor",
    "currency",
    "allowance_bytes",
    "allowance_s",
    "allowance_messages",
)


def packages(named: Table, reported: Table) -> Table:
    """Return one row per package that is named, with what is known of it."""
    return described(named, reported, "package_id", *PACKAGE)


def subscriptions(reported: Table) -> Table:
    """Return one row per subscriber and package, with its earliest start and latest end."""
    return reported.group_by("subscriber_id", "package_id").agg(
        since=reported.since.min(),
        until=reported.until.max(),
        monthly_charge_minor=reported.monthly_charge_minor.max(),
        currency=reported.currency.max(),
    )


def payments(reported: Table) -> Table:
    """Return one row per payment."""
    facts = ("subscriber_id", "amount_minor", "currency", "paid_at", "channel", "kind")
    return reported.group_by("payment_id").agg(**{name: reported[name].max() for name in facts})
