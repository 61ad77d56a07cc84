"""Every way to train beside every other, on four tasks."""
