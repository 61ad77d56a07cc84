"""Who may open the owner's page, what they did there, what they set."""
