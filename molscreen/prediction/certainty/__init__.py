"""What is said beside a prediction: its spread, its interval, and whether the ground is known."""
