"""The same stages, here or on many machines: a plan and a library in, a run folder out."""
