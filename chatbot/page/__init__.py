"""The chat page: the only room that imports gradio."""
