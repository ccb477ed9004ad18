"""Consent: what a subscriber opened to whom, for which purpose, from when until when."""
