"""Partners: who they are, what they agreed to, how much they may ask, by which keys."""
