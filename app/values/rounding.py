"""Rounding of exact fractions, half up, as bills and published scores are rounded."""

from fractions import Fraction


def whole_half_up(value: Fraction | int) -> int:
    """The nearest whole number; a half goes away from zero, so that a credit undoes its charge to the penny."""
    size = (abs(value.numerator) * 2 + value.denominator) // (value.denominator * 2)
    return -size if value.numerator < 0 else size


def decimal_text(value: Fraction | int, places: int = 2) -> str:
    """The value as people read it, rounded half up to so many places: 78.125 at 2 places is `78.13`."""
    if places < 0:
        raise ValueError("Places after the point cannot be negative.")
    size = (abs(value.numerator) * 2 * 10**places + value.denominator) // (value.denominator * 2)
    sign = "-" if value.numerator < 0 and size else ""
    whole, part = divmod(size, 10**places)
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"
