"""The text of a cell as visitors shall see it, and what it still holds of where it comes from."""
