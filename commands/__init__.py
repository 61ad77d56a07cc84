"""The sub-commands of `mundap`, one file for each subject."""
