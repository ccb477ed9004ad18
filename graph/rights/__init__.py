"""What people may ask of whoever holds data about them: to see, take along, correct, be erased."""
