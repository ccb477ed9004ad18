"""Whom to keep, so that the least is lost, and how well that went: docs/retention.md."""
