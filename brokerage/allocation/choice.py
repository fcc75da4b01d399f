"""What a broker says when awarding: the reasons and confirmations that the rules may ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """The words that go with an award; empty where nothing was asked.

    `need_confirmed_with` confirms, with this award, that the care is still needed. `second_person` is the email
    address of the colleague who is to approve an award below the quality minimum. `exception_reason` says why an
    undecided application cannot be waited for (section 34).
    """

    skip_reason: str = ""
    below_minimum_reason: str = ""
    agreed_with_person: str = ""
    need_confirmed_with: str = ""
    second_person: str = ""
    exception_reason: str = ""
