"""What was asked, answered and done then: recorded masked, read as a log, forgotten."""
