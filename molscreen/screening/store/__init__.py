"""A library prepared once: shards of standardised SMILES, packed graphs and fingerprints on disk."""
