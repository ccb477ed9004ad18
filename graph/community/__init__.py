"""Groups of subscribers that are closer to each other than to others."""
