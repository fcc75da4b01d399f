"""NHS numbers: ten digits of which the last checks the others (J7)."""

import re
from dataclasses import dataclass

from app.values.spelling import plain, visible

EXAMPLE = "Enter a 10 digit NHS number, such as 999 000 0018."

_SHAPE = re.compile(r"[0-9]{10}")


def check_digit_agrees(digits: str) -> bool:
    """Whether ten digits pass the modulus 11 check. Ten equal digits pass it by accident and are no number."""
    if not _SHAPE.fullmatch(digits) or len(set(digits)) == 1:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - weighted % 11) % 11 == int(digits[9])


@dataclass(frozen=True, slots=True, order=True)
class NhsNumber:
    """A valid NHS number, kept as text without spaces."""

    digits: str

    def __post_init__(self) -> None:
        if not check_digit_agrees(self.digits):
            raise ValueError(EXAMPLE)

    @classmethod
    def parse(cls, text: str) -> "NhsNumber":
        """The number typed with or without spaces or hyphens. The sentence of the ValueError never repeats it."""
        digits = re.sub(r"[\s-]", "", plain(visible(text)))
        if not _SHAPE.fullmatch(digits):
            raise ValueError(EXAMPLE)
        if not check_digit_agrees(digits):
            raise ValueError(f"{EXAMPLE} The digits do not agree with the check digit: look for a slip of the keys.")
        return cls(digits)

    def __str__(self) -> str:
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"

    def __repr__(self) -> str:
        # A number in a log or a traceback would be a disclosure.
        return "NhsNumber(…)"
