"""What is computed from a structure: fingerprints, their likeness, descriptors."""
