"""Texts, vectors and search: the floor everything else stands on."""
