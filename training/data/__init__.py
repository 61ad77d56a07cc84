"""What is learned from: pairs, sentences, texts, and what is held out."""
