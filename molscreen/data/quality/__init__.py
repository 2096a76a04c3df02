"""What is wrong with measurements, before a model is fitted to them."""
