"""References that people read out on the telephone, such as `PKG-7K3M9`.

The five signs come from an alphabet without I, L, O and U (Crockford), so that none is mistaken for another.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5
HOW_MANY = len(ALPHABET) ** LENGTH

_PREFIX = re.compile(r"[A-Z]{2,4}")
_BODY = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_LOOKALIKES = str.maketrans("OIL", "011")


def new_reference(prefix: str, randomness: int | bytes) -> str:
    """A reference made of the prefix and 25 of the given random bits (at least 4 bytes, or an int of 0 or more)."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("A reference starts with 2 to 4 capital letters.")
    if isinstance(randomness, bytes) and len(randomness) < 4:
        raise ValueError("A reference needs at least 4 random bytes.")
    number = int.from_bytes(randomness, "big") if isinstance(randomness, bytes) else randomness
    if number < 0:
        raise ValueError("The random number of a reference cannot be negative.")
    return f"{prefix}-{_signs(number % HOW_MANY)}"


def parse_reference(text: str, prefix: str | None = None) -> str:
    """The reference that somebody typed, forgiving case, spaces, dashes and O for 0, I or L for 1.

    Raises ValueError with a sentence when it is none, or when it does not start with the prefix asked for.
    """
    squeezed = re.sub(r"[_\u2010-\u2015\u2212]", "-", re.sub(r"\s", "", text)).upper()
    start, _, rest = squeezed.partition("-") if "-" in squeezed else (squeezed[:-LENGTH], "", squeezed[-LENGTH:])
    body = rest.replace("-", "").translate(_LOOKALIKES)
    if not (text.isprintable() and _PREFIX.fullmatch(start) and _BODY.fullmatch(body)) or prefix not in (None, start):
        raise ValueError(f"Enter a reference such as {prefix or 'PKG'}-7K3M9.")
    return f"{start}-{body}"


def _signs(number: int) -> str:
    signs = ""
    for _ in range(LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs = ALPHABET[sign] + signs
    return signs
