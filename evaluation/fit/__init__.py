"""Fits weights and confidence to queries whose answers are known."""
