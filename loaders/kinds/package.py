"""What subscribers take and pay: packages, subscriptions, payments."""

from loaders.records import LONGEST_S, Column, Kind, ends_before_it_begins, number, subscriber

_LARGEST_MINOR = 10**12
_CURRENCY = "ISO 4217 code"

KINDS = (
    Kind(
        "packages",
        "Something that can be subscribed to.",
        (
            Column("package_id", "key", "the package", is_mandatory=True),
            Column("name", "text", "its name"),
            Column("kind", "text", "what it is, such as voice, internet or contract"),
            number("price_minor", "price a month", "minor", 0, _LARGEST_MINOR, is_whole=True),
            Column("currency", "text", _CURRENCY),
            number("allowance_bytes", "data a month", "bytes", 0, 10**15, is_whole=True),
            number("allowance_s", "calls a month", "s", 0, LONGEST_S, is_whole=True),
            number("allowance_messages", "messages a month", None, 0, 10**9, is_whole=True),
        ),
    ),
    Kind(
        "subscriptions",
        "That a subscriber has a package.",
        (
            subscriber(),
            Column("package_id", "key", "the package", is_mandatory=True),
            Column("since", "date", "first day"),
            Column("until", "date", "first day without"),
            number(
                "monthly_charge_minor",
                "charge a month",
                "minor",
                -_LARGEST_MINOR,
                _LARGEST_MINOR,
                is_whole=True,
            ),
            Column("currency", "text", _CURRENCY),
        ),
        (ends_before_it_begins("since", "until"),),
    ),
    Kind(
        "payments",
        "What a subscriber paid.",
        (
            Column("payment_id", "pseudonym", "the payment", is_mandatory=True),
            subscriber(meaning="who paid"),
            number(
                "amount_minor",
                "amount; negative: refunded",
                "minor",
                -_LARGEST_MINOR,
                _LARGEST_MINOR,
                is_whole=True,
                is_mandatory=True,
            ),
            Column("currency", "text", _CURRENCY, is_mandatory=True),
            Column("paid_at", "instant", "when"),
            Column("channel", "text", "how, such as credit card"),
            Column("kind", "text", "what for, such as charges or top-up"),
        ),
    ),
)
