"""From what was received to the one structure that a compound is known by."""
