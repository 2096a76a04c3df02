"""Networks: batches, losses, epochs, the pre-trained encoder, the student."""
