"""A bundle: what was fitted, with all that is needed to trust it, in one folder."""
