"""What the subscriber graph means: domains, the database, identities. No HTTP and no CSV here."""
