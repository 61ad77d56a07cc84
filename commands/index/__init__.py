"""The sub-commands of `mundap index`, one a file."""
