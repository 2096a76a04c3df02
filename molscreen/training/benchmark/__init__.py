"""Benchmarks: methods side by side on the field's own tasks, splits and metrics, official and cleaned."""
