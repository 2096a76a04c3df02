"""Networks only: tensors in, tensors out; the one room that knows PyTorch Geometric."""
