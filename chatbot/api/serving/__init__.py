"""The API put together, and the server under it, in one process or several."""
