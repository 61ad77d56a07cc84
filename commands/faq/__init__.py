"""The sub-commands of `mundap faq`, one a file."""
