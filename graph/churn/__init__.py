"""Who leaves next, why, and how leaving spreads."""
