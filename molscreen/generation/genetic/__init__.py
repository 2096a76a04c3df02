"""Parents crossed and mutated as graphs."""
