"""What visitors asked in vain, grouped by meaning."""
