"""A round is one attempt to find a provider for a package: offered until a deadline to every eligible member, then closed."""
