"""Networks and experts, weighed and heard as one."""
