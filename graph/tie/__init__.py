"""Ties between subscribers: who is in touch with whom, how strongly, and as what."""
