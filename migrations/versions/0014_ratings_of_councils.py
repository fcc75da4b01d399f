"""Ratings, contacts and users that belong to the council which brought them, beside what all councils share."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RATINGS = ("Inadequate", "Requires improvement", "Good", "Outstanding", "Unrated")
SHARED = sa.text("authority_id IS NULL")


def upgrade() -> None:
    """Makes the tables and columns. What is known so far stays shared; who waits is put to the first council there."""
    op.create_table("brought_user", *_owned("brought_user", "user_id", "user_account"))
    op.create_index(op.f("ix_brought_user_user_id"), "brought_user", ["user_id"])
    op.create_table(
        "cqc_acceptance",
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_label", sa.String(length=300), nullable=False),
        sa.CheckConstraint("accepted OR because IS NOT NULL", name=op.f("ck_cqc_acceptance_declined_why")),
        *_owned("cqc_acceptance", "run_id", "cqc_import"),
    )
    op.create_table(
        "own_rating",
        sa.Column("rating", sa.String(length=40), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"rating IN {RATINGS}", name=op.f("ck_own_rating_rating")),
        *_owned("own_rating", "provider_id", "provider"),
    )
    for table, column in (("cqc_acceptance", "run_id"), ("own_rating", "provider_id")):
        op.create_index(op.f(f"ix_{table}_authority_id"), table, ["authority_id"])
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    with op.batch_alter_table("cqc_import") as batch_op:
        batch_op.add_column(sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("loaded_by", sa.Uuid(), nullable=True))
    with op.batch_alter_table("cqc_rating") as batch_op:
        batch_op.add_column(sa.Column("run_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_cqc_rating_run_id_cqc_import"), "cqc_import", ["run_id"], ["id"])
    op.create_index(op.f("ix_cqc_rating_run_id"), "cqc_rating", ["run_id"])
    _may_be_owned("cqc_rating", "uq_cqc_rating_shared", ["provider_id", "published_on", "style"])
    _may_be_owned("provider_contact", "uq_provider_contact_own", ["provider_id", "email"])
    op.create_index(op.f("ix_provider_contact_provider_id"), "provider_contact", ["provider_id"])
    _say_who_brought()


def downgrade() -> None:
    """Takes it all away, with what only one council knows."""
    op.drop_index(op.f("ix_provider_contact_provider_id"), "provider_contact")
    _owned_no_more("provider_contact", "uq_provider_contact_own", ["provider_id", "email"])
    _owned_no_more("cqc_rating", "uq_cqc_rating_shared", ["provider_id", "published_on", "style"])
    op.drop_index(op.f("ix_cqc_rating_run_id"), "cqc_rating")
    with op.batch_alter_table("cqc_rating") as batch_op:
        batch_op.drop_constraint(op.f("fk_cqc_rating_run_id_cqc_import"), type_="foreignkey")
        batch_op.drop_column("run_id")
    with op.batch_alter_table("cqc_import") as batch_op:
        batch_op.drop_column("loaded_by")
        batch_op.drop_column("shared")
    for table in ("own_rating", "cqc_acceptance", "brought_user"):
        op.drop_table(table)


def _owned(table: str, column: str, parent: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns of one row for each council and thing."""
    return (
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f(f"fk_{table}_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("authority_id", column, name=op.f(f"uq_{table}_authority_id_{column}")),
    )


def _may_be_owned(table: str, shared: str, columns: list[str]) -> None:
    """What was once in all is once among what is shared, and once in each council."""
    with op.batch_alter_table(table) as batch_op:
        batch_op.add_column(sa.Column("authority_id", sa.Uuid(), nullable=True))
        batch_op.drop_constraint(op.f(f"uq_{table}_{'_'.join(columns)}"), type_="unique")
        batch_op.create_unique_constraint(
            op.f(f"uq_{table}_authority_id_{'_'.join(columns)}"), ["authority_id", *columns]
        )
        batch_op.create_foreign_key(
            op.f(f"fk_{table}_authority_id_organisation"), "organisation", ["authority_id"], ["id"]
        )
    op.create_index(shared, table, columns, unique=True, sqlite_where=SHARED, postgresql_where=SHARED)


def _owned_no_more(table: str, shared: str, columns: list[str]) -> None:
    owned = sa.table(table, sa.column("authority_id"))
    op.execute(owned.delete().where(owned.c.authority_id.is_not(None)))
    op.drop_index(shared, table)
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(op.f(f"fk_{table}_authority_id_organisation"), type_="foreignkey")
        batch_op.drop_constraint(op.f(f"uq_{table}_authority_id_{'_'.join(columns)}"), type_="unique")
        batch_op.create_unique_constraint(op.f(f"uq_{table}_{'_'.join(columns)}"), columns)
        batch_op.drop_column("authority_id")


def _say_who_brought() -> None:
    """Users of providers who have never signed in wait for the council whose scheme their provider first applied to."""
    user = sa.table("user_account", sa.column("id"), sa.column("organisation_id"), sa.column("password_hash"))
    provider = sa.table("provider", sa.column("id"), sa.column("organisation_id"))
    application = sa.table(
        "application", *(sa.column(name) for name in ("provider_id", "authority_id", "submitted_at", "id"))
    )
    brought = sa.table("brought_user", *(sa.column(name, sa.Uuid()) for name in ("id", "authority_id", "user_id")))
    known = (
        sa.select(sa.type_coerce(user.c.id, sa.Uuid()), sa.type_coerce(application.c.authority_id, sa.Uuid()))
        .join(provider, provider.c.organisation_id == user.c.organisation_id)
        .join(application, application.c.provider_id == provider.c.id)
        .where(user.c.password_hash.is_(None))
        .order_by(application.c.submitted_at, application.c.id)
    )
    first: dict[object, object] = {}
    for user_id, authority_id in op.get_bind().execute(known):
        first.setdefault(user_id, authority_id)
    if first:
        rows = [{"id": uuid4(), "user_id": key, "authority_id": value} for key, value in first.items()]
        op.get_bind().execute(brought.insert(), rows)
