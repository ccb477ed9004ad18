"""Sinks: the addresses of partners to which messages go by themselves."""
