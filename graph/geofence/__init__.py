"""Geofences: a partner is told when somebody who consented enters or leaves an area."""
