"""What providers are told, without asking, about how their answers ended."""
