"""Benchmarks of molecule generation that need RDKit alone: their objectives, and how a run is rated."""
