"""Molecules: cleaning, identity, features, drawing; the only room that knows how RDKit cleans."""
