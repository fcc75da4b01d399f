"""The fair draw that settles equal scores.

Each offer carries a random ticket. SHA-256 of a secret seed is published with the offer and the seed at the deadline,
so anybody can check that the council could not choose the outcome. Never a name, an id or a row decides.
"""

from hashlib import sha256


def seed_commitment(seed: str) -> str:
    """What is published with the offer: SHA-256 of the seed, in hex."""
    return sha256(seed.encode()).hexdigest()


def draw_key(reference: str, ticket: str, seed: str) -> str:
    """The place in the draw: SHA-256 of package reference, ticket and seed one after the other, in hex; lowest first."""
    return sha256(f"{reference}{ticket}{seed}".encode()).hexdigest()


def seed_matches(seed: str, commitment: str) -> bool:
    """Is this the seed that was committed to?"""
    return seed_commitment(seed) == commitment
