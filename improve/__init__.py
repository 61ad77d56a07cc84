"""What owners accepted -> a candidate, proven against what serves -> promoted, or kept sealed."""
