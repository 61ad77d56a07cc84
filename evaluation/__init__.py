"""Offline retrieval accuracy, sentence similarity and thresholds."""
