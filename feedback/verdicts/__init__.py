"""What owners said of queries, and the runs that learned from it."""
