"""What turns texts into vectors: a protocol, a file for each kind, one registry."""
