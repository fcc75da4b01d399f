"""The session of a request. Where the answer is to be kept with the change, the route's commit waits for the answer.

A route commits as always. If its request carries a key, the one real commit is made with the answer in it, so no crash
can come between the two. What the request still asks of the database in between comes behind a mark (a savepoint): a
rollback goes back to the mark, never before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Executable
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import SessionTransaction


class RequestSession(Session):
    """A session whose commit can be made to wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits = False
        self.commit_waits = False
        """Whether there is a commit that waits for `commit_with`."""
        self._mark: SessionTransaction | None = None
        self.has_kept = False
        """Whether anything was committed, or waits to be, since `let_commits_wait`."""

    def let_commits_wait(self) -> None:
        """From now on a commit waits for `commit_with`."""
        self._waits, self.has_kept = True, False

    def let_commits_be(self) -> None:
        """From now on a commit is made at once again: there is no answer to make it with."""
        self._waits = False

    def commit(self) -> None:
        """Commits; or notes that nothing before this is taken back any more."""
        if not self._waits:
            super().commit()
            return
        self.flush()
        if self._mark is not None:
            self._mark.commit()
        self._mark, self.commit_waits, self.has_kept = None, True, True

    def commit_with(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Commits what waits, and this with it. Whatever this raises, nothing waits afterwards."""
        self._forget()
        self.connection().execute(statement, values)
        super().commit()

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """As usual, behind the mark."""
        if not self._is_clean():
            self._set_mark()
        super().flush(objects)

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """As usual, behind the mark."""
        self._set_mark()
        return super().connection(*args, **kwargs)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """As usual, behind the mark."""
        self._set_mark()
        return super().execute(*args, **kwargs)

    def scalars(self, *args: Any, **kwargs: Any) -> Any:
        """As usual, behind the mark."""
        self._set_mark()
        return super().scalars(*args, **kwargs)

    def scalar(self, *args: Any, **kwargs: Any) -> Any:
        """As usual, behind the mark."""
        self._set_mark()
        return super().scalar(*args, **kwargs)

    def _set_mark(self) -> None:
        """Only where something comes after a commit that waits, and then before what is not sent yet."""
        if not self.commit_waits or self._mark is not None or self._flushing:
            return
        self._flushing = True  # else SQLAlchemy would send it first
        try:
            self._mark = self.begin_nested()
        finally:
            self._flushing = False

    def _forget(self) -> None:
        self._waits, self.commit_waits, self._mark = False, False, None

    def rollback(self) -> None:
        """Takes back what came after the last commit; a commit that waits is made."""
        if not self.commit_waits:
            self._forget()
            super().rollback()
            return
        try:
            self._set_mark()
            mark = self._mark
            self._forget()
            if mark is not None:
                mark.rollback()
            super().commit()
        except SQLAlchemyError:
            self._forget()
            self.has_kept = False
            super().rollback()

    def close(self) -> None:
        """Lets go of everything; what waits for its commit is taken back."""
        self._forget()
        super().close()
