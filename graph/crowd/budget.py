"""What answers with noise may cost an asker, and what they have cost."""

from dataclasses import dataclass
from datetime import datetime
from math import fsum
from pathlib import Path

from graph.crowd.file import writing
from graph.errors import BudgetSpent

_TABLE = """
CREATE TABLE IF NOT EXISTS spending (
  asker TEXT NOT NULL,
  month TEXT NOT NULL,
  spent_at TEXT NOT NULL,
  epsilon REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS spending_of ON spending (asker, month);
"""
_ROUNDING = 1e-9  # of sums of floats


@dataclass(frozen=True)
class PrivacyBudget:
    """What each asker was told with noise, by the calendar month (UTC) in which they asked.

    Attributes
    ----------
    limit : float
        Most epsilon that the answers of a month may cost an asker.
    """

    file: Path
    limit: float

    def spend(self, asker: str, epsilon: float, at: datetime) -> float:
        """Charge an asker for an answer, and return what is left.

        Raises
        ------
        BudgetSpent
            It costs more than is left; nothing is charged.
        """
        with writing(self.file, _TABLE) as database:
            month = f"{at:%Y-%m}"
            row = (asker, month, at.isoformat(), epsilon)
            database.execute("INSERT INTO spending VALUES (?, ?, ?, ?)", row)
            costs = database.execute(
                "SELECT epsilon FROM spending WHERE asker = ? AND month = ?", (asker, month)
            )
            left = self.limit - fsum(cost for (cost,) in costs)
            if left < -_ROUNDING:
                raise BudgetSpent("this costs more than is left of the month's privacy budget")
        return max(left, 0.0)
