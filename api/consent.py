"""Consents: what subscribers open to partners, as the data in ``graph.consent`` has it."""

import re
from typing import Any

import graphene

from api.enums import described
from graph.consent.terms import ITEMS


def _constant(item: str) -> str:
    return re.sub(r"(?=[A-Z])|\.", "_", item).upper()


ConsentItem: Any = graphene.Enum(
    "ConsentItem",
    [(_constant(item), item) for item in ITEMS],
    description=described(
        "What a subscriber can open to a partner; a part is open with the whole, or by itself.",
        {_constant(item): about for item, about in ITEMS.items()},
    ),
)
