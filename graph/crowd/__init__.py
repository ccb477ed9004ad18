"""Counts of people that hold: nobody learns anything of fewer than sixteen (docs/aggregates.md)."""
