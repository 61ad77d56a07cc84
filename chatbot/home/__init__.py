"""The home folder: what a first run makes there."""
