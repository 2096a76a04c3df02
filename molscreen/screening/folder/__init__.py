"""The run folder: what lies where, written whole, locked, resumed, audited."""
