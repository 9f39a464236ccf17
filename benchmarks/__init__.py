"""One script per claim; each ends in one JSON line."""
