"""Files on disk become records of structures and tables of measurements; no torch."""
