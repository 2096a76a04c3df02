"""One shard in, one table out: the wide tier, re-ranking, explanations."""
