"""A file of the user's own becomes a card."""
