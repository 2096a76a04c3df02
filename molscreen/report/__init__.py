"""A run as a page: everything a chemist needs to judge a shortlist, in one file that opens offline."""
