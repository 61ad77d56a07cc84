"""What every request passes on its way to a route: limits, names, tokens, the newest index."""
