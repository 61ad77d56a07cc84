"""The sub-commands of `mundap data`, one a file."""
