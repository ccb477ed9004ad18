"""Enumerations whose every value says what it means."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any


def described(summary: str, meanings: Mapping[str, str]) -> Callable[[Enum | None], str]:
    """Return what graphene asks for descriptions: of the type with ``None``, else of a value."""

    def describe(value: Enum | None) -> str:
        return summary if value is None else meanings[value.name]

    return describe


def plain(value: Any) -> Any:
    """Return the value of an enumeration's member; others are plain already."""
    return getattr(value, "value", value)
