"""Need meets supply: schemes, people, providers, applications, membership, packages, batches, offers and responses."""
