"""Korean text: one clean-up, letters and keys, and the only door to the morpheme analyser."""
