"""Pretrained encoders by name, as trainable transformers."""
