"""References that people read out on the telephone, such as `PKG-7K3M9`.

The five signs come from an alphabet without I, L, O and U (Crockford), so that none is mistaken for another.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5

_PREFIX = re.compile(r"[A-Z]{2,4}")
_BODY = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_LOOKALIKES = str.maketrans("OIL", "011")


def new_reference(prefix: str, randomness: int) -> str:
    """A reference made of the prefix, 2 to 4 capital letters, and 25 random bits."""
    signs = ""
    for _ in range(LENGTH):
        randomness, sign = divmod(randomness, len(ALPHABET))
        signs = ALPHABET[sign] + signs
    return f"{prefix}-{signs}"


def parse_reference(text: str, prefix: str | None = None) -> str:
    """The reference that somebody typed, forgiving case, spaces, dashes and O for 0, I or L for 1.

    Nothing when it is none, or when it does not start with the prefix asked for.
    """
    squeezed = re.sub(r"[_\u2010-\u2015\u2212]", "-", re.sub(r"\s", "", text)).upper()
    start, _, rest = squeezed.partition("-") if "-" in squeezed else (squeezed[:-LENGTH], "", squeezed[-LENGTH:])
    body = rest.replace("-", "").translate(_LOOKALIKES)
    if not (text.isprintable() and _PREFIX.fullmatch(start) and _BODY.fullmatch(body)) or prefix not in (None, start):
        return ""
    return f"{start}-{body}"
