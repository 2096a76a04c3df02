"""Names inside a run folder."""

from __future__ import annotations

RECORD = "run.json"
EVENTS = "events.jsonl"
FOLDERS = {"wide": "scores", "rerank": "rerank", "explain": "explain"}  # tier -> its parts
DUPLICATES = "duplicates.parquet"
REJECTIONS = "rejections.csv"
SHORTLIST = "shortlist"  # .parquet, .csv and .sdf
COLUMNS = "columns.csv"
WORDS = "failure.txt"  # of a model that stopped the run, until it is complete
LEADERS = "leaders.csv"  # while the run goes on
REPORT = "report.html"  # written by a higher floor

DESIGN = "design.json"  # of a design folder, which is no run folder but has one in it
DESIGN_LAYOUT = 2  # what its files mean: of another, a design does not go on, and has no page
SEARCH_HISTORY = "search/history.parquet"
PROPOSALS = "proposals"  # the run folder of its proposals; .parquet, .csv and .sdf beside it
