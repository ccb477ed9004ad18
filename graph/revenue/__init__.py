"""What partners owe for what they used, and how it is shared: exact, to the minor unit."""
