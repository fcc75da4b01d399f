"""Writing rankings down: all of a set in three statements, the inputs of each to the last digit, an audit entry for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from app import audit, clock
from app.audit import Actor
from app.database import db, new_id
from app.database.bulk import ready_rows
from brokerage.ranking import tags  # noqa: F401 (declares what the audit says)
from brokerage.ranking.assembling import Assembled
from brokerage.ranking.models import Ranking
from brokerage.ranking.replay import Writer, digest_of_text

MOST_REASON = 300


class Newest(NamedTuple):
    """The newest ranking of a round, as far as it decides whether another is needed."""

    number: int
    digest: str
    left_out: list[dict[str, object]]


def freeze(made: Sequence[Assembled], which: Select[UUID], because: str, by: Actor) -> None:
    """Freezes these rankings of the rounds asked for; none where nothing has changed since the newest one."""
    newest, writer, because = _newest(which), Writer(), because.strip()[:MOST_REASON]
    found = [_row(one, writer.text_of(one.inputs), newest.get(one.round.id), because) for one in made]
    rows = [(one, row) for one, row in zip(made, found, strict=True) if row is not None]
    ready_rows(Ranking, [row for _, row in rows]).write()
    audit.record_told("ranking:made", [(one.round, _facts(one, row)) for one, row in rows], by=by, reason=because)


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


def _facts(one: Assembled, row: dict[str, Any]) -> dict[str, object]:
    answers, left_out = len(one.inputs.entries), len(row["left_out"])
    return {"number": row["number"], "answers": answers, "left_out": left_out, "digest": row["digest"]}


def _newest(which: Select[UUID]) -> dict[UUID, Newest]:
    last = (
        select(Ranking.round_id, func.max(Ranking.number).label("number"))
        .where(Ranking.round_id.in_(which))
        .group_by(Ranking.round_id)
        .subquery()
    )
    query = select(Ranking.round_id, Ranking.number, Ranking.digest, Ranking.left_out).join(
        last, (Ranking.round_id == last.c.round_id) & (Ranking.number == last.c.number)
    )
    return {row.round_id: Newest(row.number, row.digest, row.left_out) for row in db.session.execute(query)}
