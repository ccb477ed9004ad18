"""What releases with noise may cost an asker, and what they have cost."""

from dataclasses import dataclass
from datetime import datetime
from math import fsum
from pathlib import Path

from graph.crowd.file import writing
from graph.errors import BudgetSpent

_TABLE = """
CREATE TABLE IF NOT EXISTS release (
  asker TEXT NOT NULL,
  month TEXT NOT NULL,
  name TEXT NOT NULL,
  epsilon REAL NOT NULL,
  PRIMARY KEY (asker, month, name)
);
"""
_ROUNDING = 1e-9  # of sums of floats


@dataclass(frozen=True)
class PrivacyBudget:
    """The releases that each asker had, by the calendar month (UTC) in which they asked.

    Attributes
    ----------
    limit : float
        Most epsilon that the releases of a month may cost an asker.
    """

    file: Path
    limit: float

    def spend(self, asker: str, release: str, epsilon: float, at: datetime) -> float:
        """Charge an asker for a release, unless it has been charged for, and return what is left.

        Raises
        ------
        BudgetSpent
            It costs more than is left; nothing is charged.
        """
        with writing(self.file, _TABLE) as database:
            month = f"{at:%Y-%m}"
            row = (asker, month, release, epsilon)
            database.execute("INSERT OR IGNORE INTO release VALUES (?, ?, ?, ?)", row)
            costs = database.execute(
                "SELECT epsilon FROM release WHERE asker = ? AND month = ?", (asker, month)
            )
            left = self.limit - fsum(cost for (cost,) in costs)
            if left < -_ROUNDING:
                raise BudgetSpent("this month's privacy budget is spent; what was told stays free")
        return max(left, 0.0)
