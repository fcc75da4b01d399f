"""Who takes part: organisations, their teams, users and the roles a user has in them."""
