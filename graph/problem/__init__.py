"""Problems of the network: identified, delimited, positioned, resolved and verified."""
