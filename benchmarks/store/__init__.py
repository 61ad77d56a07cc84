"""What the store of exchanges costs, and how long an owner waits for a screen."""
