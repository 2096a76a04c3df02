"""From networks to numbers one may act on: calibrated, with an interval and a domain."""
