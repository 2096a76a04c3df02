"""Named reactions over building blocks: proposals with a route, and whole libraries."""
