"""How alike two sentences are, on the scale of people."""
