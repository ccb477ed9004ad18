"""A synthetic population with a known truth: files as an operator's, of people who never were."""
