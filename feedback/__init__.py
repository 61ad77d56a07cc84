"""What visitors asked, what they were told and what they thought of it."""
