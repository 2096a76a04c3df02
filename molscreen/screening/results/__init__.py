"""What the parts of a run add up to: counts, rejections, shortlist, and all of it read again."""
