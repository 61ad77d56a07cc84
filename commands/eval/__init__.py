"""The sub-commands of `mundap eval`, one a file."""
