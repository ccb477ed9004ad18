"""What partners were answered: one signed record an answer, whatever dies in between."""
