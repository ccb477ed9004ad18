"""Files to records to graph."""
