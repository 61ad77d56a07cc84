"""A sheet as rows of a FAQ: which row is its heading, which column is what, what is left out."""
