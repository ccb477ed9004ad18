"""What subscribers like, told from what they use, with evidence, decay and confidence."""
