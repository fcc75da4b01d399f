"""Numbers of things and lengths of time in words, as every page and letter says them."""


def counted(number: int, noun: str) -> str:
    """So many of a thing whose plural ends in s: `1 package`, `2 packages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def time_left_words(seconds: float) -> str:
    """A length of time in its two largest useful units, rounded down: `2 days 3 hours`, `59 minutes`."""
    minutes = int(seconds // 60)
    days, hours = divmod(minutes // 60, 24)
    if not minutes:
        return "Less than a minute"
    parts = ((days, "day"), (hours, "hour")) if days else ((hours, "hour"), (minutes % 60, "minute"))
    return " ".join(counted(number, noun) for number, noun in parts if number)
