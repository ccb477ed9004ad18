"""Agreements, as data: a tree of parties, each with its share of what its parent gets.

At each party, what it keeps and what it passes on add up to the whole of what it gets.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.revenue.money import WHOLE, Exact, split

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
_KEPT = ""  # no party's name: what a party keeps, which comes first of equals


class Party(BaseModel):
    """Somebody who shares in revenue.

    Attributes
    ----------
    share : Fraction
        Of what the parent gets; the root gets all.
    keeps : Fraction
        Of what it gets itself; the shares of its parts are the rest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: _Name
    role: Literal["platform", "operator", "aggregator", "partner", "sub_partner"]
    share: Exact = WHOLE
    keeps: Exact = WHOLE
    parts: tuple["Party", ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        passed_on = sum(part.share for part in self.parts)
        if self.keeps + passed_on != WHOLE:
            raise ValueError(
                f"{self.party} keeps {self.keeps} and passes on {passed_on}: together that is not 1"
            )
        return self

    def everybody(self) -> Iterator["Party"]:
        """Yield it and all below it."""
        yield self
        for part in self.parts:
            yield from part.everybody()

    def divided(self, amount_minor: int) -> dict[str, int]:
        """Return what each party gets of an amount, in minor units: together, the amount."""
        parts = split(
            amount_minor, {_KEPT: self.keeps, **{part.party: part.share for part in self.parts}}
        )
        found = {self.party: parts[_KEPT]}
        for part in self.parts:
            found |= part.divided(parts[part.party])
        return found


class Agreement(BaseModel):
    """Who gets what of what a partner pays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement: _Name
    root: Party

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        names = [party.party for party in self.root.everybody()]
        if len(names) != len(set(names)):
            raise ValueError("each party stands in one place")
        if self.root.share != WHOLE:
            raise ValueError("the root gets all: its share is 1")
        return self

    def divided(self, amount_minor: int) -> dict[str, int]:
        """Return what each party gets of an amount, in minor units: together, the amount.

        Examples
        --------
        >>> operator = {"party": "operator", "role": "operator", "share": "2/3"}
        >>> root = {"party": "us", "role": "platform", "keeps": "1/3", "parts": [operator]}
        >>> Agreement(agreement="direct", root=root).divided(100)
        {'us': 33, 'operator': 67}
        """
        return self.root.divided(amount_minor)
