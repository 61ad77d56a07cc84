"""The screens of the owner's page, a file for each and one for what it alone needs."""
