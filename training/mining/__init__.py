"""Hard negatives: from words, from an encoder, from edits."""
