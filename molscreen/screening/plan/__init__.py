"""What is to be done: a plan's tables, the bundles it names, and both made ready for a library."""
