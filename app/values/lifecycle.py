"""Lifecycles: the states of a thing, what each means in words, the colour of its tag, and what may follow it."""

from enum import StrEnum
from typing import ClassVar, Self


class Lifecycle(StrEnum):
    """A base for states. Each is written as its value, its tag's colour, its sentence, and the values that may follow.

    The label is the value in words, unless another one is given last. A state that may follow itself is one in which
    something can happen that leaves the thing where it is.
    """

    colour: str
    sentence: str
    label: str
    _follow: str
    _refusal: ClassVar[str]
    _unnamed: ClassVar[str]

    def __new__(cls, value: str, colour: str = "", sentence: str = "", follow: str = "", label: str = "") -> Self:
        """A state from its line in the class. The defaults are for `PackageStatus("draft")`, which looks one up."""
        state = str.__new__(cls, value)
        state._value_ = value
        state.colour, state.sentence, state._follow = colour, sentence, follow
        state.label = label or value.replace("_", " ").capitalize()
        return state

    def __init_subclass__(
        cls, *, refusal: str = "This cannot be done now. {sentence}", unnamed: str = "It", **options: object
    ) -> None:
        """`refusal` is what is said of {named} in the state {state} that cannot become {to}; see `refusal` below."""
        super().__init_subclass__(**options)
        cls._refusal, cls._unnamed = refusal, unnamed

    @property
    def next_states(self) -> frozenset[Self]:
        return frozenset(type(self)(value) for value in self._follow.split())

    @property
    def earlier_states(self) -> frozenset[Self]:
        return frozenset(state for state in type(self) if self in state.next_states)

    def may_become(self, to: "Lifecycle") -> bool:
        return to in self.next_states

    def reason_against(self, to: "Lifecycle") -> str | None:
        """Why what is in this state cannot go to that one, as a sentence; None when it can."""
        return None if self.may_become(to) else self.refusal(to)

    def refusal(self, to: "Lifecycle", named: str = "") -> str:
        """What somebody reads when a thing in this state, `named` where it has a reference, cannot go to that one."""
        states = {"state": self.label.lower(), "to": to.label.lower(), "sentence": self.sentence}
        return self._refusal.format(named=named or self._unnamed, **states)
