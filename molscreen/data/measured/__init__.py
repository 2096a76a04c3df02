"""Records become measurements: values, limits, folds, replicates."""
