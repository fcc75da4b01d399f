"""Makers of what tests of offers need beyond the marketplace's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app import clock
from app.database import db
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.rules import BatchState
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import reference


def a_sealed_batch(scheme: Scheme, packages: Sequence[Package]) -> Batch:
    """A sealed batch of these packages."""
    batch = Batch(
        authority_id=scheme.authority_id,
        reference=reference("BAT"),
        scheme_id=scheme.id,
        lot_id=packages[0].lot_id,
        state=BatchState.SEALED,
        title="Preston",
        created_by_label="Test",
        sealed_at=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()
    for position, package in enumerate(packages):
        package.status = PackageStatus.IN_BATCH
        place = {"batch_id": batch.id, "package_id": package.id, "position": position}
        db.session.add(BatchPackage(authority_id=scheme.authority_id, **place))
    db.session.flush()
    db.session.expire(batch)
    return batch


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects every statement that the database is asked meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)
