"""What was asked, counted: how it went, and how sure the bot was."""
