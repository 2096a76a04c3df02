"""Compounds a chemist might make next: one change away, and likely to last."""
