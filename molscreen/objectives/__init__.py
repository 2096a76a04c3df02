"""Soft wishes: one number in [0, 1], always "higher is better"."""
