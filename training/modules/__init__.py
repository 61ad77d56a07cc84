"""Encoders as trainable modules."""
