"""The interests that there are, and which categories of apps tell of each: ``taxonomy.yaml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "taxonomy.yaml"


@dataclass(frozen=True)
class Interest:
    """Something that people like.

    Attributes
    ----------
    part_of : str, optional
        The wider interest that it is part of.
    apps : tuple of str
        Categories of apps that tell of it.
    """

    interest_id: str
    name: str
    part_of: str | None
    apps: tuple[str, ...]


@cache
def interests() -> Sequence[Interest]:
    """Return all interests, wider ones before their parts."""
    told = yaml.safe_load(_FILE.read_text())["interests"]
    found = [
        Interest(key, one["name"], one.get("part_of"), tuple(one.get("apps", ())))
        for key, one in told.items()
    ]
    return tuple(sorted(found, key=lambda interest: interest.part_of is not None))


@cache
def told_by() -> Mapping[str, str]:
    """Return of which interest each category of apps tells.

    Examples
    --------
    >>> told_by()["food"], told_by().get("messaging")
    ('catering', None)
    """
    return {category: one.interest_id for one in interests() for category in one.apps}
