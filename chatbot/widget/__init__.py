"""The bubble on an owner's own site, and the panel with the chat page that it opens."""
