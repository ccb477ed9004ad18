"""Who matters to whom: measures of influence, structural roles, and whom to begin with."""
