"""The FAQ as its owner edits it, with every change and publication."""
