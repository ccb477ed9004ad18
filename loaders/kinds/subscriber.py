"""Who subscribers are, and which devices they own."""

from loaders.records import Column, Kind, ends_before_it_begins, number, subscriber

KINDS = (
    Kind(
        "subscribers",
        "What is known of a subscriber; the latest `as_of` counts, column by column.",
        (
            subscriber(),
            Column("as_of", "instant", "when this was so"),
            Column("status", "text", "whether they stay", choices=("active", "churned")),
            Column("gender", "text", "gender", choices=("female", "male")),
            number("birth_year", "year of birth", None, 1880, 2100, is_whole=True),
            Column("is_senior", "bool", "is of age 65 or more"),
            Column("has_partner", "bool", "lives with a partner"),
            Column("has_dependents", "bool", "has others to care for"),
            Column("joined_on", "date", "first day of the contract"),
            number("tenure_months", "time since", "months", 0, 1500, is_whole=True),
            Column("segment", "text", "the operator's own segment"),
            Column("plan", "text", "the tariff plan"),
        ),
    ),
    Kind(
        "devices",
        "A model of device.",
        (
            Column(
                "tac",
                "key",
                "type allocation code of 3GPP TS 23.003, or what names the model",
                is_mandatory=True,
            ),
            Column("maker", "text", "who makes it"),
            Column("model", "text", "what it is called"),
            Column("operating_system", "text", "its operating system, with the version"),
            Column("kind", "text", "what it is, such as smartphone, tablet or modem"),
        ),
    ),
    Kind(
        "ownerships",
        "That a subscriber was seen with a device.",
        (
            subscriber(),
            Column("tac", "key", "the model of the device", is_mandatory=True),
            Column("device_id", "pseudonym", "the very device, such as its IMEI"),
            Column("since", "instant", "first seen"),
            Column("until", "instant", "last seen"),
        ),
        (ends_before_it_begins("since", "until"),),
    ),
)
