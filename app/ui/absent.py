"""What a template finds where nothing is: asking is fine, printing a slip of the pen is not.

The design system's macros ask for dozens of optional settings, so a missing value may be tested and passed on, and a
missing key of a mapping prints as nothing. A missing name or a missing attribute of an object is a mistake in a page:
printing it or looping over it stops with the name.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

from jinja2 import Undefined


class Absent(Undefined):
    """Jinja's `undefined`: lenient to be asked, strict to be shown."""

    def _is_optional(self) -> bool:
        return isinstance(self._undefined_obj, dict)

    def _stop(self) -> NoReturn:
        self._fail_with_undefined_error()

    def __str__(self) -> str:
        return "" if self._is_optional() else self._stop()

    def __iter__(self) -> Iterator[Any]:
        return iter(()) if self._is_optional() else self._stop()

    def __len__(self) -> int:
        return 0 if self._is_optional() else self._stop()

    def __bool__(self) -> bool:
        return False
