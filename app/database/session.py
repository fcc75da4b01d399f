"""The session of a request. Where the answer is to be kept with the change, the route's commit waits for the answer.

A route commits as always. If its request carries a key, that commit only sets a mark (a savepoint): the one real commit
is made with the answer in it, so no crash can come between the two. A rollback goes back to the mark, never before it.
"""

from __future__ import annotations

from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import SessionTransaction


class RequestSession(Session):
    """A session whose commit can be made to wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits = False
        self._mark: SessionTransaction | None = None
        self.has_kept = False
        """Whether anything was committed, or waits to be, since `let_commits_wait`."""

    @property
    def commit_waits(self) -> bool:
        """Whether there is a commit that waits for `commit_now`."""
        return self._mark is not None

    def let_commits_wait(self) -> None:
        """From now on a commit waits for `commit_now`."""
        self._waits, self.has_kept = True, False

    def let_commits_be(self) -> None:
        """From now on a commit is made at once again: there is no answer to make it with."""
        self._waits = False

    def commit(self) -> None:
        """Commits; or sets the mark behind which nothing is taken back any more."""
        if not self._waits:
            super().commit()
            return
        if self._mark is not None:
            self._mark.commit()
        self._mark, self.has_kept = self.begin_nested(), True

    def commit_now(self) -> None:
        """Commits what waits. Whatever this raises, nothing waits afterwards."""
        self._waits, self._mark = False, None
        super().commit()

    def rollback(self) -> None:
        """Takes back what came after the last commit; a commit that waits is made."""
        mark, self._waits, self._mark = self._mark, False, None
        if mark is None:
            super().rollback()
            return
        try:
            mark.rollback()
            super().commit()
        except SQLAlchemyError:
            self.has_kept = False
            super().rollback()

    def close(self) -> None:
        """Lets go of everything; what waits for its commit is taken back."""
        self._waits, self._mark = False, None
        super().close()
