"""The commands on how similar sentences are, one a file."""
