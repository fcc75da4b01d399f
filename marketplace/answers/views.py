"""What providers answered, as the council reads it once the seal has ended: whole answers, and how many by reason.

Nothing sealed is found here, and nothing of what was never sent or was taken back. Whether a viewer may read answers
is judged by whoever asks; what providers read of their own is in `sheets`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_

from app.api.shell import Given
from app.database import db
from app.values.words import counted
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import IS_OPENED
from marketplace.rounds.rules import SENT, ResponseKind, ResponseState
from marketplace.schemes.models import DeclineCode


class SaidOut(Given):
    """All that one provider answered about one package. `answer` is null where no answer stood when the rounds closed.

    `other_visits` is the week that it can do where that is another, as files write visits.
    `decline_reason` is the label of the code in the council's list.
    """

    line_id: UUID
    provider_id: UUID
    name: str
    state: ResponseState
    answer: ResponseKind | None
    price_pence: int | None = None
    earliest_start: date | None = None
    alternative_times: str = ""
    other_visits: str = ""
    assessment_visit_needed: bool = False
    people_nearby_text: str = ""
    people_nearby_count: int | None = None
    decline_code: str | None = None
    decline_reason: str | None = None
    decline_text: str = ""
    note: str = ""
    submitted_at: datetime | None = None
    came_by: str = ""

    @property
    def is_no(self) -> bool:
        """Whether the provider declined."""
        return self.answer is ResponseKind.DECLINE


@dataclass(slots=True)
class AnswerCounts:
    """How many said yes, said no (by the reason's label) and did not answer."""

    yes: int = 0
    silent: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def sentence(self) -> str:
        """The counts in words, the most frequent reason first."""
        if not self.yes + self.silent + self.reasons.total():
            return "Nobody was asked."
        parts = [f"{self.yes} said yes"] if self.yes else []
        if self.reasons:
            named = "; ".join(f"{label}: {count}" for label, count in self.in_order)
            parts.append(f"{self.reasons.total()} said no ({named})")
        parts += [f"{self.silent} did not answer"] if self.silent else []
        return f"{counted(self.yes + self.silent + self.reasons.total(), 'provider')} asked: {', '.join(parts)}."

    @property
    def in_order(self) -> list[tuple[str, int]]:
        """The reasons for no, the most frequent first."""
        return sorted(self.reasons.items(), key=lambda reason: (-reason[1], reason[0]))


def answers_to(*which: ColumnElement[bool]) -> dict[UUID, list[SaidOut]]:
    """What was answered to the rounds, offers or lines that are meant, by the id of the round and by name; one query."""
    query = (
        _opened(OfferLine.round_id, OfferLine.id, Offer.provider_id, Provider.name, Response, DeclineCode.label)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(*which)
        .order_by(Provider.name, Provider.id)
    )
    found: defaultdict[UUID, list[SaidOut]] = defaultdict(list)
    for round_id, line_id, provider_id, name, response, label in db.session.execute(query):
        about = {"line_id": line_id, "provider_id": provider_id, "name": name, "decline_reason": label}
        found[round_id].append(_said(response, about))
    return dict(found)


def answer_on(line_id: UUID) -> SaidOut | None:
    """What was answered on one line; None while it is sealed."""
    return next((said for answers in answers_to(OfferLine.id == line_id).values() for said in answers), None)


def counts_of_reasons(key: Any, *which: ColumnElement[bool]) -> dict[UUID, AnswerCounts]:
    """How many answered what, by the reason, for each value of a column such as `Round.package_id`; one query."""
    columns = (key, Response.state, Response.kind, Response.decline_code, DeclineCode.label)
    query = _opened(*columns, func.count()).where(*which).group_by(*columns)
    found: defaultdict[UUID, AnswerCounts] = defaultdict(AnswerCounts)
    for about, state, kind, code, label, count in db.session.execute(query):
        counts = found[about]
        if state not in SENT:
            counts.silent += count
        elif kind is ResponseKind.DECLINE:
            counts.reasons[label or code] += count
        else:
            counts.yes += count
    return dict(found)


def newest_of_packages(package_ids: Any) -> ColumnElement[bool]:
    """The newest round of each of these packages."""
    last = select(Round.package_id, func.max(Round.number)).where(Round.package_id.in_(package_ids))
    return tuple_(Round.package_id, Round.number).in_(last.group_by(Round.package_id))


def _opened(*columns: Any) -> Select[Any]:
    """Lines of offers whose seal has ended, each with its answer and the label of its reason."""
    named = and_(DeclineCode.authority_id == Response.authority_id, DeclineCode.code == Response.decline_code)
    return (
        select(*columns)
        .select_from(OfferLine)
        .join(OfferLine.round)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Issue, Issue.id == Round.issue_id)
        .outerjoin(Response, Response.line_id == OfferLine.id)
        .outerjoin(DeclineCode, named)
        .where(*IS_OPENED)
    )


def _said(response: Response | None, about: dict[str, Any]) -> SaidOut:
    if response is None or response.state not in SENT:
        state = ResponseState.NO_RESPONSE if response is None else response.state
        return SaidOut(**about, state=state, answer=None)
    given = {name: getattr(response, name) for name in SaidOut.model_fields.keys() - about.keys()}
    return SaidOut(**about, **given)
