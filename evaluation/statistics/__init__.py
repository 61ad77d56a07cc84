"""Intervals, paired tests, and whether a confidence can be trusted."""
