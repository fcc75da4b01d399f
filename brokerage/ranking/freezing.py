"""Writing rankings down: all of a set in three statements, the inputs of each to the last digit, an audit entry for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select

from app import audit, clock
from app.audit import Actor
from app.database import db, new_id
from app.database.bulk import ready_rows
from brokerage.ranking.assembling import Assembled
from brokerage.ranking.models import Ranking
from brokerage.ranking.queries import newest_rankings
from brokerage.ranking.replay import Writer, digest_of_text
from brokerage.ranking.together import Ordered

MOST_REASON = 300


class Newest(NamedTuple):
    """The newest ranking of a round, as far as it decides whether another is needed."""

    number: int
    digest: str
    left_out: list[dict[str, object]]


def freeze(made: Sequence[Assembled], orders: Sequence[Ordered], which: Select[UUID], because: str, by: Actor) -> None:
    """Freezes these rankings of the rounds asked for; none where nothing has changed since the newest one.

    The audit keeps a digest of each order, so that it can be shown later that the order is still the one of that day.
    """
    newest, writer, because = _newest(which), Writer(), because.strip()[:MOST_REASON]
    found = [_row(one, writer.text_of(one.inputs), newest.get(one.round.id), because) for one in made]
    rows = [(one, order, row) for one, order, row in zip(made, orders, found, strict=True) if row is not None]
    ready_rows(Ranking, [row for _, _, row in rows]).write()
    told = [(one.round, _facts(one, order, row)) for one, order, row in rows]
    audit.record_told("ranking:made", told, by=by, reason=because)


def _row(one: Assembled, written: str, before: Newest | None, because: str) -> dict[str, Any] | None:
    fingerprint, left_out = digest_of_text(written), [other.written for other in one.left_out]
    if before is not None and before.digest == fingerprint and before.left_out == left_out:
        return None
    return {
        "id": new_id(),
        "authority_id": one.round.authority_id,
        "round_id": one.round.id,
        "number": before.number + 1 if before else 1,
        "made_at": clock.now(),
        "because": because,
        "inputs": written,
        "digest": fingerprint,
        "left_out": left_out,
    }


def _facts(one: Assembled, order: Ordered, row: dict[str, Any]) -> dict[str, object]:
    answers, left_out = len(one.inputs.entries), len(row["left_out"])
    facts: dict[str, object] = {"number": row["number"], "answers": answers, "left_out": left_out}
    return facts | {"digest": row["digest"], "order": order.digest}


def _newest(which: Select[UUID]) -> dict[UUID, Newest]:
    shown = (Ranking.round_id, Ranking.number, Ranking.digest, Ranking.left_out)
    query = newest_rankings(which).with_only_columns(*shown)
    return {row.round_id: Newest(row.number, row.digest, row.left_out) for row in db.session.execute(query)}
