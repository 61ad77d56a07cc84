"""A FAQ: its entries, who they are through edits, and what is wrong with it."""
