"""Who works on shards, and whom to blame when that fails; never what becomes of a row."""
