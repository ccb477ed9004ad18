"""How much of the clustering of churn is contagion."""
