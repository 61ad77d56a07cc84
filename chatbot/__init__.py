"""What a visitor and an owner meet: the bot and its chat page."""
