"""Values of a list, each with the words in which pages say it."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A base for choices. Each is written as its value, and its label where that is not the value in words."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """A choice from its line in the class; the default is for `Source("review")`, which looks one up."""
        choice = str.__new__(cls, value)
        choice._value_ = value
        choice.label = label or value.replace("_", " ").capitalize()
        return choice
