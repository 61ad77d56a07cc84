"""From the pinned base and our own data to the encoder that ships."""
