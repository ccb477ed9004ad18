"""How an app is doing, told so that nothing is told of few (docs/insight.md)."""
