"""Files as they come, of many formats, become records."""
