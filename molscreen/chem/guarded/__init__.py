"""RDKit in processes that are watched: a hang or a crash costs one molecule."""
