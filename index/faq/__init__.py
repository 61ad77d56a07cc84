"""A FAQ: its entries, the passages that are searched, and what is wrong with it."""
