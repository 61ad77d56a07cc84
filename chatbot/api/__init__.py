"""The REST API and the server under it: what all its parts share."""
