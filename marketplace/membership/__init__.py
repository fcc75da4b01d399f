"""A membership: a provider belongs to one lot of a scheme, from its admission until it leaves or is removed."""
