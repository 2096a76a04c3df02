"""From an assay table to a bundle: batches, losses, fitting, evaluation."""
