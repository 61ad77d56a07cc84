"""The owner's page at /admin, its door and its frame."""
