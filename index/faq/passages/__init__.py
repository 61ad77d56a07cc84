"""The texts of a FAQ that are searched, in memory or in files, and the words and names in them."""
