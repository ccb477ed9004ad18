"""How a KPI becomes a score in [0, 1]: every mapping is monotone by how it is made.

``worst`` maps to 0 and everything beyond it too, ``best`` to 1. Which is the greater says the
direction.
"""

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.experience.maths import Maths, Operand


class _Mapping(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Linear(_Mapping):
    """A straight line between the limits."""

    kind: Literal["linear"]
    worst: float
    best: float

    @model_validator(mode="after")
    def _has_a_direction(self) -> "Linear":
        if self.worst == self.best:
            raise ValueError("worst and best are the same, so it is not monotone")
        return self

    def score(self, x: Operand, maths: Maths) -> Operand:
        """Return ``(x - worst) / (best - worst)`` in [0, 1]."""
        return maths.clip((x - self.worst) * (1 / (self.best - self.worst)), 0, 1)


class Mos(_Mapping):
    """A mean opinion score, from 1 (bad) to the best that the method can give."""

    kind: Literal["mos"]
    worst: float = 1
    best: float = 5

    @model_validator(mode="after")
    def _is_a_scale(self) -> "Mos":
        if not 1 <= self.worst < self.best <= 5:
            raise ValueError("a MOS lies between 1 and 5, and worst below best")
        return self

    def score(self, x: Operand, maths: Maths) -> Operand:
        """Return ``(x - worst) / (best - worst)`` in [0, 1]."""
        return maths.clip((x - self.worst) * (1 / (self.best - self.worst)), 0, 1)


class Logarithmic(_Mapping):
    """A straight line over the logarithm, between the limits: G.1030's shape."""

    kind: Literal["logarithmic"]
    worst: float = Field(gt=0)
    best: float = Field(gt=0)

    @model_validator(mode="after")
    def _has_a_direction(self) -> "Logarithmic":
        if self.worst == self.best:
            raise ValueError("worst and best are the same, so it is not monotone")
        return self

    def score(self, x: Operand, maths: Maths) -> Operand:
        """Return ``ln(x / worst) / ln(best / worst)`` in [0, 1]."""
        bound = maths.clip(x, min(self.worst, self.best), max(self.worst, self.best))
        scaled = (maths.log(bound) - math.log(self.worst)) * (1 / math.log(self.best / self.worst))
        return maths.clip(scaled, 0, 1)


class Iqx(_Mapping):
    """Exponential decay with a disturbance, from 1 at none to 0 at ``worst``.

    Without ``worst`` it comes as near to 0 as one likes, and never there.
    """

    kind: Literal["iqx"]
    rate: float = Field(gt=0)
    worst: float = Field(math.inf, gt=0, allow_inf_nan=True)

    @property
    def best(self) -> float:
        """No disturbance."""
        return 0.0

    def score(self, x: Operand, maths: Maths) -> Operand:
        """Return ``(exp(-rate x) - exp(-rate worst)) / (1 - exp(-rate worst))`` in [0, 1]."""
        floor = math.exp(-self.rate * self.worst)
        decayed = maths.exp(-self.rate * maths.clip(x, 0, None))
        return maths.clip((decayed - floor) * (1 / (1 - floor)), 0, 1)


class Piecewise(_Mapping):
    """Straight lines between points (value, score), flat beyond the ends: what is calibrated."""

    kind: Literal["piecewise"]
    points: tuple[tuple[float, float], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _is_monotone(self) -> "Piecewise":
        values = [value for value, _ in self.points]
        scores = [score for _, score in self.points]
        if any(after <= before for before, after in pairwise(values)):
            raise ValueError("values of points do not rise")
        rises = all(after >= before for before, after in pairwise(scores))
        falls = all(after <= before for before, after in pairwise(scores))
        if not rises and not falls:
            raise ValueError("scores of points go up and down, so it is not monotone")
        if {min(scores), max(scores)} != {0.0, 1.0}:
            raise ValueError("scores of points do not go from 0 to 1")
        return self

    @property
    def worst(self) -> float:
        """A value that maps to 0."""
        return min(self.points, key=lambda point: point[1])[0]

    @property
    def best(self) -> float:
        """A value that maps to 1."""
        return max(self.points, key=lambda point: point[1])[0]

    def score(self, x: Operand, maths: Maths) -> Operand:
        """Return the sum of ramps between neighbouring points, in [0, 1]."""
        total = self.points[0][1] + 0 * x
        for (before, low), (after, high) in pairwise(self.points):
            if high != low:
                ramp = maths.clip((x - before) * (1 / (after - before)), 0, 1)
                total = total + (high - low) * ramp
        return maths.clip(total, 0, 1)


Mapping = Annotated[Linear | Mos | Logarithmic | Iqx | Piecewise, Field(discriminator="kind")]
