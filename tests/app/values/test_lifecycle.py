"""Lifecycles: what a state carries, what may follow it, and how a refusal reads."""

import pickle

from app.values.lifecycle import Lifecycle


class LampState(Lifecycle):
    """Where a lamp stands."""

    OFF = "off", "grey", "It is dark.", "warming_up"
    WARMING_UP = "warming_up", "yellow", "It is getting bright.", "on off"
    ON = "on", "green", "It is bright.", "off broken", "Shining"
    BROKEN = "broken", "red", "It is dark for good."


class DoorState(Lifecycle, refusal="{named} is {state}, so it cannot become {to}.", unnamed="This door"):
    """Where a door stands."""

    OPEN = "open", "green", "People can go through.", "open walled_up"
    WALLED_UP = "walled_up", "red", "Nobody can go through."


def test_a_state_is_its_value_and_carries_what_people_see():
    assert LampState("warming_up") is LampState.WARMING_UP == "warming_up"
    assert f"{LampState.ON}" == LampState.ON.value == "on"
    assert (LampState.ON.colour, LampState.ON.sentence) == ("green", "It is bright.")
    assert pickle.loads(pickle.dumps(LampState.ON)) is LampState.ON  # noqa: S301 (our own bytes)


def test_the_label_is_the_value_in_words_or_the_one_that_is_given():
    assert [state.label for state in LampState] == ["Off", "Warming up", "Shining", "Broken"]


def test_what_may_follow_is_read_both_ways():
    assert LampState.ON.next_states == {LampState.OFF, LampState.BROKEN}
    assert LampState.OFF.earlier_states == {LampState.WARMING_UP, LampState.ON}
    assert LampState.OFF.may_become(LampState.WARMING_UP)
    assert not LampState.OFF.may_become(LampState.OFF)
    assert DoorState.OPEN.may_become(DoorState.OPEN)


def test_a_refusal_says_where_the_thing_stands():
    assert LampState.ON.reason_against(LampState.OFF) is None
    assert LampState.BROKEN.reason_against(LampState.ON) == "This cannot be done now. It is dark for good."
    refusal = "This door is walled up, so it cannot become open."
    assert DoorState.WALLED_UP.reason_against(DoorState.OPEN) == refusal
    assert DoorState.WALLED_UP.refusal(DoorState.OPEN, "Door 7").startswith("Door 7 is walled up")
