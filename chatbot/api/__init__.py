"""The REST API and the server under it: the only room that imports fastapi."""
