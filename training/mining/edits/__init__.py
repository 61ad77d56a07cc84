"""Edits of Korean sentences that keep them grammatical and change what they mean."""
