"""Cross-encoders: from judged pairs of texts to a directory."""
