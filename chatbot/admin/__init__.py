"""The owner's page at /admin: what was asked, what is to be mended, what serves."""
