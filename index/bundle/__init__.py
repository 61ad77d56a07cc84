"""A searchable FAQ on disk: generations that never change, one of which serves."""
