"""Sentence similarity as a service: scores, tables in, ranked texts out."""
