"""Need meets supply: schemes, people, providers, vetting, packages, batches, offers and responses."""
