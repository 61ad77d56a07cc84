"""From question/answer pairs to a fine-tuned encoder."""
