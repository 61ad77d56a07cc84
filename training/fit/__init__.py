"""From data and objectives to an encoder directory."""
