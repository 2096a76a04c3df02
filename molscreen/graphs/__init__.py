"""A compound as the networks see it: numpy arrays, and their packed form."""
