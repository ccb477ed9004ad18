"""Rating plans, as data: what a unit costs, how many are free, and how it gets cheaper.

Per call or per delivered contact is what the operation's units are; a plan only prices them. A
month's units of one price are counted together, in the order of the records.
"""

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.revenue.money import Exact

ANY = "*"
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
_Operation = Annotated[str, Field(pattern=r"^(\*|[A-Za-z0-9_./-]{1,128})$")]


class Tier(BaseModel):
    """From the unit after ``above`` on, a unit costs ``price_minor``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    above: int = Field(default=0, ge=0, le=10**12)
    price_minor: Exact


class Price(BaseModel):
    """What the units of an operation cost, in minor units of the plan's currency.

    Attributes
    ----------
    operation : str
        An operation, or what several begin with before a slash, or ``*`` for all others.
    free : int
        Units of a month that cost nothing; tiers count those after them.
    kind : str
        ``graduated``: each unit costs what its own tier says. ``volume``: all units of the month
        cost what the tier of the last one says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: _Operation
    free: int = Field(default=0, ge=0, le=10**12)
    kind: Literal["graduated", "volume"] = "graduated"
    tiers: tuple[Tier, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        bounds = [tier.above for tier in self.tiers]
        if bounds[0] != 0 or bounds != sorted(set(bounds)):
            raise ValueError("tiers begin above 0, and each begins above the one before")
        return self

    def applied(self, month_units: int) -> tuple[Tier, ...]:
        """Return the tiers that hold in a month with so many units."""
        if self.kind == "graduated":
            return self.tiers
        reached = [tier for tier in self.tiers if tier.above < max(1, month_units - self.free)]
        return (Tier(price_minor=reached[-1].price_minor),)

    def exact(self, units: int, month_units: int) -> Fraction:
        """Return what the first units of a month cost, in minor units.

        Examples
        --------
        >>> tiers = (Tier(price_minor="2"), Tier(above=10, price_minor="1/2"))
        >>> price = Price(operation="*", free=5, tiers=tiers)
        >>> [str(price.exact(units, 20)) for units in (5, 6, 15, 18)]
        ['0', '2', '20', '43/2']
        """
        tiers = self.applied(month_units)
        ends = [*(tier.above for tier in tiers[1:]), max(units, tiers[-1].above)]
        counted = max(0, units - self.free)
        return sum(
            (
                tier.price_minor * max(0, min(counted, end) - tier.above)
                for tier, end in zip(tiers, ends, strict=True)
            ),
            Fraction(0),
        )


class Plan(BaseModel):
    """What somebody pays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: _Name
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    prices: tuple[Price, ...]

    @model_validator(mode="after")
    def _has_all(self) -> Self:
        names = [price.operation for price in self.prices]
        if len(names) != len(set(names)) or ANY not in names:
            raise ValueError("each operation has one price, and '*' has one for all others")
        return self

    def price_of(self, operation: str) -> Price:
        """Return the price of an operation: its own, or the nearest above it.

        Examples
        --------
        >>> tiers = [{"price_minor": 1}]
        >>> prices = [{"operation": name, "tiers": tiers} for name in ("*", "graphql")]
        >>> plan = Plan(plan="x", currency="EUR", prices=prices)
        >>> [plan.price_of(name).operation for name in ("graphql/audience", "graphqls", "other")]
        ['graphql', '*', '*']
        """
        known = {price.operation: price for price in self.prices}
        name = operation
        while name and name not in known:
            name = name.rpartition("/")[0]
        return known[name or ANY]
