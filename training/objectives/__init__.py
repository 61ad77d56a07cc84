"""What can be learned from pairs of texts: one file for each objective."""
