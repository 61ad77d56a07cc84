"""What finds the nearest vectors: a protocol, a file for each engine."""
