"""Kernels and trees, fitted out of fold."""
