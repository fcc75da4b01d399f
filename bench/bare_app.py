"""The baseline of answering: a bare Flask route that locks a row, updates it, inserts one and commits."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, request
from sqlalchemy import Integer, Uuid, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.database.engine import PRAGMAS


class Base(DeclarativeBase):
    """Two tables of its own."""


class BareOffer(Base):
    """What is updated."""

    __tablename__ = "bare_offer"

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    answers: Mapped[int] = mapped_column(Integer(), default=0)


class BareAnswer(Base):
    """What is inserted."""

    __tablename__ = "bare_answer"

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, default=uuid4)
    offer_id: Mapped[UUID] = mapped_column(Uuid())
    price_pence: Mapped[int] = mapped_column(Integer())


def create_app(url: str) -> Flask:
    """One route, on the same database with the same settings."""
    app, engine = Flask("bare"), create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def on_begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @app.post("/offers/<uuid:offer_id>")
    def answer(offer_id: UUID) -> tuple[str, int]:
        with Session(engine) as session:
            offer = session.scalars(select(BareOffer).where(BareOffer.id == offer_id).with_for_update()).one()
            offer.answers += 1
            session.add(BareAnswer(offer_id=offer.id, price_pence=int(request.form["price"])))
            session.commit()
        return "", 204

    return app


def __getattr__(name: str) -> Flask:
    """Servers ask for `bench.bare_app:app`."""
    if name == "app":
        return create_app(os.environ["DATABASE_URL"])
    raise AttributeError(name)
