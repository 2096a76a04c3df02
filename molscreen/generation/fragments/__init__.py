"""Fragments of known molecules, exchanged for others that were seen in the same context."""
