"""How an index grows with its questions: built, started, asked, changed."""
