"""What every screen of the owner's page works with."""
