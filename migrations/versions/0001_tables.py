"""tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "user",
                "link",
                "system",
                "command",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.String(length=300), nullable=False),
        sa.Column("page", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_log_person_id"), ["person_id"], unique=False)

    op.create_table(
        "audit_block",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_block")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "user",
                "link",
                "system",
                "command",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.String(length=300), nullable=False),
        sa.Column("actor_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_tag_at", ["tag", "at"], unique=False)

    op.create_table(
        "daily_run",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_daily_run")),
    )
    op.create_table(
        "failed_try",
        sa.Column(
            "kind",
            sa.Enum("password", "code", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_try")),
    )
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.create_index("ix_failed_try_account_at", ["account", "at"], unique=False)
        batch_op.create_index("ix_failed_try_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_failed_try_at", ["at"], unique=False)

    op.create_table(
        "installation_fact",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation_fact")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "not_invited",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("exclusion_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "exclusion_id", name=op.f("pk_not_invited")),
    )
    op.create_table(
        "offer_line",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_line")),
        sa.UniqueConstraint("round_id", "offer_id", name=op.f("uq_offer_line_round_id_offer_id")),
    )
    with op.batch_alter_table("offer_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_line_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column(
            "kind",
            sa.Enum(
                "council",
                "icb",
                "provider",
                "advocacy",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("ods_code", sa.String(length=20), nullable=True),
        sa.Column("companies_house_number", sa.String(length=20), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "password_request",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("email_box", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )
    with op.batch_alter_table("password_request", schema=None) as batch_op:
        batch_op.create_index("ix_password_request_account_at", ["account", "at"], unique=False)
        batch_op.create_index("ix_password_request_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_password_request_at", ["at"], unique=False)

    op.create_table(
        "unit_postcode",
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=False),
        sa.Column("northing", sa.Integer(), nullable=False),
        sa.Column("district_code", sa.String(length=10), nullable=True),
        sa.Column("county_code", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("postcode", name=op.f("pk_unit_postcode")),
    )
    op.create_table(
        "address_wish",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column(
            "wish",
            sa.Enum("at_once", "daily", "never", name="wish", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_address_wish_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_wish")),
        sa.UniqueConstraint(
            "organisation_id", "email", "topic", name=op.f("uq_address_wish_organisation_id_email_topic")
        ),
    )
    op.create_table(
        "audit_block_entry",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("block_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_number"], ["audit_block.number"], name=op.f("fk_audit_block_entry_block_number_audit_block")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_block_entry_entry_id_audit_entry")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_block_entry")),
    )
    with op.batch_alter_table("audit_block_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_block_entry_block_number"), ["block_number"], unique=False)

    op.create_table(
        "audit_fact",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_fact_entry_id_audit_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_fact")),
    )
    op.create_table(
        "cqc_import",
        sa.Column(
            "state",
            sa.Enum("applied", "held", "refused", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("fallen", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(length=600), nullable=False),
        sa.Column("rows", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_label", sa.String(length=300), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_cqc_import_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cqc_import")),
    )
    with op.batch_alter_table("cqc_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cqc_import_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "decline_code",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("text_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_decline_code_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decline_code")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_decline_code_authority_id_code")),
    )
    with op.batch_alter_table("decline_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decline_code_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "exclusion",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("providers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_exclusion_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exclusion_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "imported_file",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_label", sa.String(length=300), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_imported_file_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_file")),
        sa.UniqueConstraint(
            "authority_id",
            "kind",
            "target_id",
            "sha256",
            name=op.f("uq_imported_file_authority_id_kind_target_id_sha256"),
        ),
    )
    with op.batch_alter_table("imported_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_file_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "provider",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cqc_location_id", sa.String(length=20), nullable=False),
        sa.Column("base_postcode", sa.String(length=8), nullable=False),
        sa.Column("base_easting", sa.Integer(), nullable=True),
        sa.Column("base_northing", sa.Integer(), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("carers_female", sa.Integer(), nullable=False),
        sa.Column("carers_male", sa.Integer(), nullable=False),
        sa.Column(
            "cqc_rating",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="cqc_rating",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cqc_published_on", sa.Date(), nullable=True),
        sa.Column("cqc_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("carers_female >= 0 AND carers_male >= 0", name=op.f("ck_provider_carers_not_negative")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_provider_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("cqc_location_id", name=op.f("uq_provider_cqc_location_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_provider_reference")),
    )
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "withdrawn",
                "no_response",
                "awarded",
                "not_awarded",
                "pulled_out",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("accept", "decline", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("price_pence", sa.Integer(), nullable=True),
        sa.Column("earliest_start", sa.Date(), nullable=True),
        sa.Column("alternative_times", sa.Text(), nullable=False),
        sa.Column("needs_assessment_visit", sa.Boolean(), nullable=False),
        sa.Column("nearby", sa.String(length=500), nullable=False),
        sa.Column("nearby_count", sa.Integer(), nullable=True),
        sa.Column("decline_code", sa.String(length=40), nullable=True),
        sa.Column("decline_text", sa.String(length=1000), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_label", sa.String(length=300), nullable=True),
        sa.Column("came_by", sa.String(length=10), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'no_response') OR kind != 'accept' OR (price_pence IS NOT NULL AND earliest_start IS NOT NULL)",
            name=op.f("ck_response_yes_has_price_and_start"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'no_response') OR kind != 'decline' OR decline_code IS NOT NULL",
            name=op.f("ck_response_no_has_code"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'no_response') OR kind IS NOT NULL", name=op.f("ck_response_sent_says_yes_or_no")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'no_response') OR submitted_at IS NOT NULL", name=op.f("ck_response_sent_when")
        ),
        sa.CheckConstraint("entered_by IS NULL OR spoken_at IS NOT NULL", name=op.f("ck_response_by_phone_when")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_response_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["offer_line.id"], name=op.f("fk_response_line_id_offer_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("line_id", name=op.f("uq_response_line_id")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "scheme",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "regime",
            sa.Enum(
                "PCR2015_DPS",
                "PCR2015_LTR",
                "PA2023_DM",
                "PA2023_LTR_FW",
                "PSR2023",
                name="regime",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("default_icb_id", sa.Uuid(), nullable=True),
        sa.Column("established_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_scheme_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["default_icb_id"], ["organisation.id"], name=op.f("fk_scheme_default_icb_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme")),
        sa.UniqueConstraint("authority_id", "name", name=op.f("uq_scheme_authority_id_name")),
    )
    with op.batch_alter_table("scheme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scheme_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scheme_default_icb_id"), ["default_icb_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_team_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_team_organisation_id_name")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_account_email_lower")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_token_secret_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "application",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "checking",
                "waiting",
                "admitted",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("longer_because", sa.String(length=500), nullable=True),
        sa.Column("lot_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("areas", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("declarations", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("capacity_minutes", sa.Integer(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=True),
        sa.Column("entry_score", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_label", sa.String(length=300), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('admitted','refused') OR decided_at IS NOT NULL", name=op.f("ck_application_decided_when")
        ),
        sa.CheckConstraint(
            "state NOT IN ('admitted','refused') OR decision_reason IS NOT NULL",
            name=op.f("ck_application_decided_why"),
        ),
        sa.CheckConstraint(
            "entry_score IS NULL OR (entry_score >= 0 AND entry_score <= 100)",
            name=op.f("ck_application_entry_score_range"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_application_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_application_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_application_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(
            "uq_application_open",
            ["scheme_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft','submitted','checking','waiting')"),
            postgresql_where=sa.text("state IN ('draft','submitted','checking','waiting')"),
        )

    op.create_table(
        "cqc_rating",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column(
            "style",
            sa.Enum("old", "new", name="style", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "overall",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="overall",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "safe",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="safe",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "effective",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="effective",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "caring",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="caring",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "responsive",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="responsive",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "well_led",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="well_led",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_cqc_rating_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cqc_rating")),
        sa.UniqueConstraint(
            "provider_id", "published_on", "style", name=op.f("uq_cqc_rating_provider_id_published_on_style")
        ),
    )
    with op.batch_alter_table("cqc_rating", schema=None) as batch_op:
        batch_op.create_index("ix_cqc_rating_newest", ["provider_id", "published_on"], unique=False)

    op.create_table(
        "gate_override",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ended_at IS NULL OR ended_because IS NOT NULL", name=op.f("ck_gate_override_ended_why")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_gate_override_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_gate_override_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_gate_override_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_gate_override_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_override")),
    )
    with op.batch_alter_table("gate_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_override_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_override_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_override_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(
            "uq_gate_override_standing",
            ["scheme_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "invitation",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("team_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitation_email_lower")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user_account.id"], name=op.f("fk_invitation_invited_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_invitation_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_invited_by"), ["invited_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_invitation_open",
            ["organisation_id", "email"],
            unique=True,
            sqlite_where=sa.text("used_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "kept_form",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_kept_form_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_form_user_id"), ["user_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "unit",
            sa.Enum("hour", "night", "week", name="unit", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_lot_authority_id_organisation")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_lot_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("scheme_id", "name", name=op.f("uq_lot_scheme_id_name")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("about_type", sa.String(length=60), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_message_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_message_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_about", ["about_id", "kind"], unique=False)
        batch_op.create_index("ix_message_inbox", ["organisation_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_user_id"), ["user_id"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("password_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_password_reset_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_password_reset_secret_hash")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_reset_user_id"), ["user_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("known_as", sa.String(length=100), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("nhs_number", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "contact_preference",
            sa.Enum(
                "post",
                "phone",
                "email",
                "easy_read",
                "large_print",
                "bsl",
                name="contact_preference",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=60), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_person_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_person_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("authority_id", "nhs_number", name=op.f("uq_person_authority_id_nhs_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_person_reference")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_team_id"), ["team_id"], unique=False)

    op.create_table(
        "provider_contact",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_contact_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_contact")),
        sa.UniqueConstraint("provider_id", "email", name=op.f("uq_provider_contact_provider_id_email")),
    )
    op.create_table(
        "provider_language",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_language_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_language")),
        sa.UniqueConstraint("provider_id", "language", name=op.f("uq_provider_language_provider_id_language")),
    )
    op.create_table(
        "provider_skill",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_skill_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_skill")),
        sa.UniqueConstraint("provider_id", "skill", name=op.f("uq_provider_skill_provider_id_skill")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "repeated_request",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(length=500), nullable=True),
        sa.Column("content_type", sa.String(length=100), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_repeated_request_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeated_request")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_repeated_request_user_id_key")),
    )
    with op.batch_alter_table("repeated_request", schema=None) as batch_op:
        batch_op.create_index("ix_repeated_request_created_at", ["created_at"], unique=False)

    op.create_table(
        "scheme_policy",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("quality_weight", sa.Integer(), nullable=False),
        sa.Column("price_weight", sa.Integer(), nullable=False),
        sa.Column(
            "price_scoring",
            sa.Enum("band", "relative", name="price_scoring", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("quality_minimum", sa.Integer(), nullable=False),
        sa.Column(
            "award_method",
            sa.Enum(
                "broker_award",
                "person_choice",
                name="award_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "min_cqc_rating",
            sa.Enum(
                "Inadequate",
                "Requires improvement",
                "Good",
                "Outstanding",
                "Unrated",
                name="min_cqc_rating",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "unrated_policy",
            sa.Enum(
                "reject",
                "admit",
                "admit_with_review",
                name="unrated_policy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "tolerance_policy",
            sa.Enum(
                "percentage",
                "flex_hours",
                name="tolerance_policy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("yardstick_pence", sa.Integer(), nullable=True),
        sa.Column("award_limit_pence", sa.Integer(), nullable=True),
        sa.Column("urgent_hours", sa.Integer(), nullable=False),
        sa.Column("standard_hours", sa.Integer(), nullable=False),
        sa.Column("batch_working_days", sa.Integer(), nullable=False),
        sa.Column("opening", sa.String(length=5), nullable=False),
        sa.Column("closing", sa.String(length=5), nullable=False),
        sa.Column("still_needed_after_days", sa.Integer(), nullable=False),
        sa.Column("batch_start_spread_days", sa.Integer(), nullable=False),
        sa.Column("batch_max_minutes", sa.Integer(), nullable=False),
        sa.Column("batch_max_packages", sa.Integer(), nullable=False),
        sa.Column("batch_max_km", sa.Integer(), nullable=False),
        sa.Column("batch_join_km", sa.Integer(), nullable=False),
        sa.Column("small_district_below", sa.Integer(), nullable=False),
        sa.Column("reopen_working_days", sa.Integer(), nullable=False),
        sa.Column("assessment_summaries", sa.Boolean(), nullable=False),
        sa.Column("claims", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("kpi_targets", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("quality_weight + price_weight = 100", name=op.f("ck_scheme_policy_weights_add_up")),
        sa.CheckConstraint(
            "quality_weight >= 0 AND price_weight >= 0", name=op.f("ck_scheme_policy_weights_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_scheme_policy_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_policy_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_policy")),
        sa.UniqueConstraint("scheme_id", "valid_from", name=op.f("uq_scheme_policy_scheme_id_valid_from")),
    )
    with op.batch_alter_table("scheme_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scheme_policy_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scheme_policy_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_second_factor_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factor_user_id")),
    )
    op.create_table(
        "standing",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("entry_score", sa.Integer(), nullable=True),
        sa.Column("entry_assessed_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_standing_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_standing_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_standing_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("scheme_id", "provider_id", name=op.f("uq_standing_scheme_id_provider_id")),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standing_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_standing_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "refused",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_task_authority_id_organisation")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_task_created_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_created_by"), ["created_by"], unique=False)
        batch_op.create_index("ix_task_state_created_at", ["state", "created_at"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "navigator",
                "broker",
                "referrer",
                "social_worker",
                "health_assessor",
                "team_manager",
                "contract_manager",
                "finance",
                "provider_coordinator",
                "provider_administrator",
                "service_user",
                "advocate",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_user_role_team_id_team")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_role_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role", "team_id", name=op.f("uq_user_role_user_id_role_team_id")),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_role_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_role_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_user_session_secret_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "zone",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_zone_authority_id_organisation")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_zone_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("scheme_id", "name", name=op.f("uq_zone_scheme_id_name")),
    )
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_zone_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "advocacy_test",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("difficulties", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("appropriate_person", sa.Boolean(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_advocacy_test_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_advocacy_test_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advocacy_test")),
    )
    with op.batch_alter_table("advocacy_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_advocacy_test_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_advocacy_test_person_id"), ["person_id"], unique=False)

    op.create_table(
        "application_check",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cqc",
                "insurance",
                "safeguarding",
                "training",
                "financial",
                "questionnaire",
                "references",
                "declarations",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "not_done", "passed", "failed", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_label", sa.String(length=300), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_check_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_application_check_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_check")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_application_check_application_id_kind")),
    )
    with op.batch_alter_table("application_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_check_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "batch_proposal",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_batch_proposal_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_batch_proposal_lot_id_lot")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_batch_proposal_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_proposal")),
    )
    with op.batch_alter_table("batch_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_proposal_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_proposal_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_proposal_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "break_glass",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_label", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until > opened_at", name=op.f("ck_break_glass_ends")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_break_glass_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_break_glass_person_id_person")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_break_glass_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_break_glass_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index("ix_break_glass_authority_id_opened_at", ["authority_id", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_break_glass_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_break_glass_user_id_until", ["user_id", "until"], unique=False)

    op.create_table(
        "capacity",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=True),
        sa.Column("declared_minutes", sa.Integer(), nullable=False),
        sa.Column("committed_minutes", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "committed_minutes >= 0 AND committed_minutes <= declared_minutes",
            name=op.f("ck_capacity_never_below_zero"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_capacity_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_capacity_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_capacity_scheme_id_scheme")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_capacity_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity")),
        sa.UniqueConstraint(
            "scheme_id", "provider_id", "zone_id", name=op.f("uq_capacity_scheme_id_provider_id_zone_id")
        ),
    )
    with op.batch_alter_table("capacity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capacity_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capacity_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capacity_zone_id"), ["zone_id"], unique=False)
        batch_op.create_index(
            "uq_capacity_whole",
            ["scheme_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("zone_id IS NULL"),
            postgresql_where=sa.text("zone_id IS NULL"),
        )

    op.create_table(
        "delivery",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "for_summary",
                "held",
                "sent",
                "delivered",
                "bounced",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_delivery_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_summary_id"), ["summary_id"], unique=False)

    op.create_table(
        "lot_price",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=True),
        sa.Column(
            "band",
            sa.Enum(
                "weekday",
                "weekend",
                "night",
                "complex",
                name="band",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("floor_pence", sa.Integer(), nullable=False),
        sa.Column("ceiling_pence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "floor_pence > 0 AND floor_pence <= ceiling_pence", name=op.f("ck_lot_price_floor_to_ceiling")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_lot_price_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_price_lot_id_lot")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_lot_price_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_price")),
        sa.UniqueConstraint(
            "lot_id", "zone_id", "band", "valid_from", name=op.f("uq_lot_price_lot_id_zone_id_band_valid_from")
        ),
    )
    with op.batch_alter_table("lot_price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_price_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_price_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_price_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "removal_proposed",
                "removed",
                "left",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("standing_price_pence", sa.Integer(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('removed','left') OR ended_on IS NOT NULL", name=op.f("ck_membership_ended_when")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_membership_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_membership_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_membership_lot_id_lot")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_membership_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_membership_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(
            "uq_membership_standing",
            ["lot_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('active','removal_proposed')"),
            postgresql_where=sa.text("state IN ('active','removal_proposed')"),
        )

    op.create_table(
        "package",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("council_reference", sa.String(length=40), nullable=True),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "ready",
                "in_batch",
                "on_offer",
                "awaiting_award",
                "awarded",
                "running",
                "ended",
                "on_hold",
                "withdrawn",
                "unsourced",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_reason", sa.String(length=500), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "community",
                "hospital_discharge",
                "reallocation",
                "review",
                "chc",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "urgency",
            sa.Enum("urgent", "standard", name="urgency", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("planned_start", sa.Date(), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("outcode", sa.String(length=4), nullable=False),
        sa.Column("sector", sa.String(length=6), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=True),
        sa.Column("easting", sa.Integer(), nullable=True),
        sa.Column("northing", sa.Integer(), nullable=True),
        sa.Column("pen_picture", sa.Text(), nullable=False),
        sa.Column(
            "carer_gender",
            sa.Enum("any", "female", "male", name="carer_gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("carer_gender_reason", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=60), nullable=True),
        sa.Column("short_visit_reason", sa.String(length=300), nullable=True),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("cost_ceiling_pence", sa.Integer(), nullable=True),
        sa.Column("referring_team_id", sa.Uuid(), nullable=True),
        sa.Column("incumbent_provider_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "carer_gender = 'any' OR carer_gender_reason IS NOT NULL", name=op.f("ck_package_carer_gender_why")
        ),
        sa.CheckConstraint("status != 'withdrawn' OR status_reason IS NOT NULL", name=op.f("ck_package_withdrawn_why")),
        sa.CheckConstraint("weekly_minutes >= 0", name=op.f("ck_package_minutes_not_negative")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_package_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["incumbent_provider_id"], ["provider.id"], name=op.f("fk_package_incumbent_provider_id_provider")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_package_lot_id_lot")),
        sa.ForeignKeyConstraint(["parent_id"], ["package.id"], name=op.f("fk_package_parent_id_package")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_package_person_id_person")),
        sa.ForeignKeyConstraint(["referring_team_id"], ["team.id"], name=op.f("fk_package_referring_team_id_team")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_package_scheme_id_scheme")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_package_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
        sa.UniqueConstraint("reference", name=op.f("uq_package_reference")),
        sa.UniqueConstraint("scheme_id", "council_reference", name=op.f("uq_package_scheme_id_council_reference")),
    )
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.create_index("ix_package_authority_status", ["authority_id", "status", "planned_start"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_incumbent_provider_id"), ["incumbent_provider_id"], unique=False)
        batch_op.create_index("ix_package_list", ["authority_id", "urgency", "planned_start", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_referring_team_id"), ["referring_team_id"], unique=False)
        batch_op.create_index("ix_package_sector", ["scheme_id", "lot_id", "sector"], unique=False)
        batch_op.create_index(
            "ix_package_waiting",
            ["authority_id", "urgency", "planned_start", "id"],
            unique=False,
            sqlite_where=sa.text("status NOT IN ('running', 'ended', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('running', 'ended', 'withdrawn')"),
        )
        batch_op.create_index(batch_op.f("ix_package_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "pause",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_pause_authority_id_organisation")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_pause_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_pause_scheme_id_scheme")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_pause_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pause_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pause_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pause_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "representative",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family",
                "friend",
                "attorney",
                "advocate",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("consent_given_on", sa.Date(), nullable=True),
        sa.Column("consent_withdrawn_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_representative_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_representative_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative")),
    )
    with op.batch_alter_table("representative", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_representative_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_representative_person_id"), ["person_id"], unique=False)

    op.create_table(
        "role_proposal",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "approved", "refused", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_label", sa.String(length=300), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_note IS NOT NULL", name=op.f("ck_role_proposal_refused_why")
        ),
        sa.CheckConstraint("state = 'proposed' OR decided_at IS NOT NULL", name=op.f("ck_role_proposal_decided_when")),
        sa.CheckConstraint("(user_id IS NULL) <> (invitation_id IS NULL)", name=op.f("ck_role_proposal_about_one")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_role_proposal_two_people")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_role_proposal_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_role_proposal_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_proposal_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_proposal")),
    )
    with op.batch_alter_table("role_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_proposal_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index("ix_role_proposal_waiting", ["organisation_id", "state"], unique=False)
        batch_op.create_index(
            "uq_role_proposal_open",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "suspension",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("new_offers_only", sa.Boolean(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("zone_id", sa.Uuid(), nullable=True),
        sa.Column("by_gate", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on AND review_on <= ends_on", name=op.f("ck_suspension_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_suspension_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_suspension_lot_id_lot")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_suspension_provider_id_provider")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_suspension_scheme_id_scheme")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_suspension_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspension_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspension_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspension_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspension_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "task_file",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_file_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_file")),
    )
    with op.batch_alter_table("task_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_file_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_file_task_id"), ["task_id"], unique=True)

    op.create_table(
        "zone_area",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column(
            "area_kind",
            sa.Enum("outcode", "sector", name="area_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=8), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_zone_area_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_zone_area_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_area")),
        sa.UniqueConstraint("zone_id", "area", name=op.f("uq_zone_area_zone_id_area")),
    )
    with op.batch_alter_table("zone_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_area_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_zone_area_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_start",
                "running",
                "suspended",
                "ended",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("contract_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("identity_at_end", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_agreement_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_agreement_package_id_package")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_agreement_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("award_id", name=op.f("uq_agreement_award_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreement_reference")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(
            "uq_agreement_live",
            ["package_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "batch",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column(
            "window",
            sa.Enum(
                "urgent",
                "standard",
                "batch",
                name="response_window",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sealed",
                "offered",
                "settled",
                "discarded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_label", sa.String(length=300), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_because", sa.String(length=500), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state != 'discarded' OR discarded_because IS NOT NULL", name=op.f("ck_batch_discarded_why")
        ),
        sa.CheckConstraint("state != 'settled' OR settled_at IS NOT NULL", name=op.f("ck_batch_settled_when")),
        sa.CheckConstraint(
            "state NOT IN ('sealed', 'offered', 'settled') OR sealed_at IS NOT NULL", name=op.f("ck_batch_sealed_when")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_batch_authority_id_organisation")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_batch_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["batch_proposal.id"], name=op.f("fk_batch_proposal_id_batch_proposal")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_batch_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("reference", name=op.f("uq_batch_reference")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index("ix_batch_authority_state", ["authority_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "funding_share",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column(
            "funder",
            sa.Enum("council", "health", name="funder", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name=op.f("ck_funding_share_percent_range")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_funding_share_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_funding_share_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_share")),
    )
    with op.batch_alter_table("funding_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_share_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_share_package_id"), ["package_id"], unique=False)

    op.create_table(
        "left_out_package",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=700), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_left_out_package_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_left_out_package_package_id_package")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["batch_proposal.id"], name=op.f("fk_left_out_package_proposal_id_batch_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_left_out_package")),
        sa.UniqueConstraint("proposal_id", "package_id", name=op.f("uq_left_out_package_proposal_id_package_id")),
    )
    with op.batch_alter_table("left_out_package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_left_out_package_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_left_out_package_package_id"), ["package_id"], unique=False)

    op.create_table(
        "membership_area",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("include", "exclude", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "area_kind",
            sa.Enum("outcode", "sector", name="area_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=8), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_membership_area_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_membership_area_membership_id_membership")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_area")),
        sa.UniqueConstraint("membership_id", "area", name=op.f("uq_membership_area_membership_id_area")),
    )
    with op.batch_alter_table("membership_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_area_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "need_confirmation",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("needed", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_with", sa.String(length=200), nullable=False),
        sa.Column("recorded_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_need_confirmation_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_need_confirmation_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_confirmation")),
    )
    with op.batch_alter_table("need_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_confirmation_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_confirmation_package_id"), ["package_id"], unique=False)

    op.create_table(
        "package_party",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("funder", "assessor", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_package_party_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_package_party_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_party_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_party")),
        sa.UniqueConstraint(
            "package_id", "organisation_id", "role", name=op.f("uq_package_party_package_id_organisation_id_role")
        ),
    )
    with op.batch_alter_table("package_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_party_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_party_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "package_skill",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=80), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_package_skill_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_skill_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_skill")),
        sa.UniqueConstraint("package_id", "skill", name=op.f("uq_package_skill_package_id_skill")),
    )
    with op.batch_alter_table("package_skill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_skill_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "package_visit",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.Integer(), nullable=False),
        sa.Column("window_end", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("carers", sa.Integer(), nullable=False),
        sa.Column("time_critical", sa.Boolean(), nullable=False),
        sa.Column("tasks", sa.String(length=500), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("carers IN (1, 2)", name=op.f("ck_package_visit_carers")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_package_visit_minutes_positive")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_package_visit_weekday")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_package_visit_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_visit_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_visit")),
    )
    with op.batch_alter_table("package_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_visit_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_package_visit_package_id"), ["package_id"], unique=False)

    op.create_table(
        "removal",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("told", "approved", "dropped", name="stage", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_until", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_removal_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_removal_membership_id_membership")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_removal_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_removal_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(
            "uq_removal_open",
            ["membership_id"],
            unique=True,
            sqlite_where=sa.text("stage = 'told'"),
            postgresql_where=sa.text("stage = 'told'"),
        )

    op.create_table(
        "task_file_part",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["task_file.id"], name=op.f("fk_task_file_part_file_id_task_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_file_part")),
        sa.UniqueConstraint("file_id", "number", name=op.f("uq_task_file_part_file_id_number")),
    )
    op.create_table(
        "text_clearance",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_text_clearance_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_text_clearance_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_clearance")),
        sa.UniqueConstraint("package_id", "word", name=op.f("uq_text_clearance_package_id_word")),
    )
    with op.batch_alter_table("text_clearance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_text_clearance_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "agreement_version",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("visits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("price_pence", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum("hour", "night", "week", name="unit", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("weekly_cost_pence", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("funding", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("authorised_by_label", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_version_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_agreement_version_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_version_agreement_id_number")),
    )
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_version_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "batch_package",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_because", sa.String(length=500), nullable=True),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "removed_at IS NULL OR removed_because IS NOT NULL", name=op.f("ck_batch_package_removed_why")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_batch_package_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_package_batch_id_batch")),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_batch_package_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_package")),
    )
    with op.batch_alter_table("batch_package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_package_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_package_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_package_package_id"), ["package_id"], unique=False)
        batch_op.create_index(
            "uq_batch_package_live",
            ["package_id"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL AND settled_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL AND settled_at IS NULL"),
        )

    op.create_table(
        "issue",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column(
            "window",
            sa.Enum(
                "urgent",
                "standard",
                "batch",
                name="response_window",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "closed", "withdrawn", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("seed_hash", sa.String(length=64), nullable=False),
        sa.Column("quality_weight", sa.Integer(), nullable=False),
        sa.Column("price_weight", sa.Integer(), nullable=False),
        sa.Column(
            "price_scoring",
            sa.Enum("band", "relative", name="price_scoring", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("quality_minimum", sa.Integer(), nullable=False),
        sa.Column("yardstick_pence", sa.Integer(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state != 'withdrawn' OR ended_because IS NOT NULL", name=op.f("ck_issue_withdrawn_why")),
        sa.CheckConstraint("quality_weight + price_weight = 100", name=op.f("ck_issue_weights_add_up")),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_issue_authority_id_organisation")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_issue_batch_id_batch")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_issue_lot_id_lot")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_issue_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("reference", name=op.f("uq_issue_reference")),
    )
    with op.batch_alter_table("issue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issue_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issue_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issue_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issue_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index("ix_issue_state_deadline", ["state", "deadline"], unique=False)

    op.create_table(
        "allocation_proposal",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "approved", "refused", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("lines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_label", sa.String(length=300), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_allocation_proposal_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_allocation_proposal_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_proposal")),
    )
    with op.batch_alter_table("allocation_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocation_proposal_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocation_proposal_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "conflict_declaration",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("has_conflict", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("NOT has_conflict OR note IS NOT NULL", name=op.f("ck_conflict_declaration_conflict_why")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_conflict_declaration_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_conflict_declaration_issue_id_issue")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_conflict_declaration_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_declaration")),
        sa.UniqueConstraint("issue_id", "user_id", name=op.f("uq_conflict_declaration_issue_id_user_id")),
    )
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_declaration_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_declaration_user_id"), ["user_id"], unique=False)

    op.create_table(
        "deadline_change",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("was", sa.DateTime(timezone=True), nullable=False),
        sa.Column("becomes", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_deadline_change_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_deadline_change_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_change")),
    )
    with op.batch_alter_table("deadline_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadline_change_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deadline_change_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "early_closing",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_early_closing_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_early_closing_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_closing")),
    )
    with op.batch_alter_table("early_closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_early_closing_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_early_closing_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_offer_authority_id_organisation")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_offer_issue_id_issue")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_offer_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("issue_id", "provider_id", name=op.f("uq_offer_issue_id_provider_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_offer_reference")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index("ix_offer_provider_issued_at", ["provider_id", "issued_at"], unique=False)

    op.create_table(
        "round",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                "awarded",
                "none_accepted",
                "none_suitable",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("floor_pence", sa.Integer(), nullable=False),
        sa.Column("ceiling_pence", sa.Integer(), nullable=False),
        sa.Column("area_shown", sa.String(length=100), nullable=False),
        sa.Column("changed_since", sa.String(length=500), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed') OR ended_at IS NOT NULL", name=op.f("ck_round_ended_when")),
        sa.CheckConstraint("floor_pence > 0 AND floor_pence <= ceiling_pence", name=op.f("ck_round_floor_to_ceiling")),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_round_authority_id_organisation")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_round_issue_id_issue")),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_round_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("package_id", "number", name=op.f("uq_round_package_id_number")),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index("ix_round_authority_state", ["authority_id", "state", "issue_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_issue_id"), ["issue_id"], unique=False)
        batch_op.create_index(
            "uq_round_live",
            ["package_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'closed')"),
            postgresql_where=sa.text("state IN ('open', 'closed')"),
        )

    op.create_table(
        "feedback_letter",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("gap_band", sa.String(length=30), nullable=True),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sentences", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_feedback_letter_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["offer_line.id"], name=op.f("fk_feedback_letter_line_id_offer_line")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_feedback_letter_provider_id_provider")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_feedback_letter_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_letter")),
        sa.UniqueConstraint("line_id", "round_id", name=op.f("uq_feedback_letter_line_id_round_id")),
    )
    with op.batch_alter_table("feedback_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_letter_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_letter_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_letter_round_id"), ["round_id"], unique=False)

    op.create_table(
        "offer_link",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_offer_link_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["provider_contact.id"], name=op.f("fk_offer_link_contact_id_provider_contact")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_link_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_link")),
        sa.UniqueConstraint("offer_id", "contact_id", name=op.f("uq_offer_link_offer_id_contact_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_offer_link_secret_hash")),
    )
    with op.batch_alter_table("offer_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_link_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_link_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "ranking",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("left_out", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_ranking_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ranking_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_ranking_round_id_number")),
    )
    with op.batch_alter_table("ranking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ranking_authority_id"), ["authority_id"], unique=False)

    op.create_table(
        "award",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "awarded",
                "refused",
                "lapsed",
                "pulled_out",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("price_pence", sa.Integer(), nullable=False),
        sa.Column("weekly_cost_pence", sa.Integer(), nullable=False),
        sa.Column("held_minutes", sa.Integer(), nullable=False),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.Column("below_minimum_reason", sa.Text(), nullable=True),
        sa.Column("agreed_with_person", sa.Text(), nullable=True),
        sa.Column("exception_reason", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state != 'awarded' OR awarded_at IS NOT NULL", name=op.f("ck_award_awarded_when")),
        sa.CheckConstraint("approved_by IS NULL OR approved_by != made_by", name=op.f("ck_award_two_people")),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_award_authority_id_organisation")),
        sa.ForeignKeyConstraint(["line_id"], ["offer_line.id"], name=op.f("fk_award_line_id_offer_line")),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_award_package_id_package")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_award_provider_id_provider")),
        sa.ForeignKeyConstraint(["ranking_id"], ["ranking.id"], name=op.f("fk_award_ranking_id_ranking")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_award_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("reference", name=op.f("uq_award_reference")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_line_id"), ["line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_package_id"), ["package_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_ranking_id"), ["ranking_id"], unique=False)
        batch_op.create_index(
            "uq_award_live",
            ["round_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('proposed', 'awarded')"),
            postgresql_where=sa.text("state IN ('proposed', 'awarded')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_award_live",
            sqlite_where=sa.text("state IN ('proposed', 'awarded')"),
            postgresql_where=sa.text("state IN ('proposed', 'awarded')"),
        )
        batch_op.drop_index(batch_op.f("ix_award_ranking_id"))
        batch_op.drop_index(batch_op.f("ix_award_provider_id"))
        batch_op.drop_index(batch_op.f("ix_award_package_id"))
        batch_op.drop_index(batch_op.f("ix_award_line_id"))
        batch_op.drop_index(batch_op.f("ix_award_authority_id"))

    op.drop_table("award")
    with op.batch_alter_table("ranking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ranking_authority_id"))

    op.drop_table("ranking")
    with op.batch_alter_table("offer_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_link_contact_id"))
        batch_op.drop_index(batch_op.f("ix_offer_link_authority_id"))

    op.drop_table("offer_link")
    with op.batch_alter_table("feedback_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_letter_round_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_letter_provider_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_letter_authority_id"))

    op.drop_table("feedback_letter")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_round_live",
            sqlite_where=sa.text("state IN ('open', 'closed')"),
            postgresql_where=sa.text("state IN ('open', 'closed')"),
        )
        batch_op.drop_index(batch_op.f("ix_round_issue_id"))
        batch_op.drop_index("ix_round_authority_state")

    op.drop_table("round")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index("ix_offer_provider_issued_at")
        batch_op.drop_index(batch_op.f("ix_offer_authority_id"))

    op.drop_table("offer")
    with op.batch_alter_table("early_closing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_early_closing_issue_id"))
        batch_op.drop_index(batch_op.f("ix_early_closing_authority_id"))

    op.drop_table("early_closing")
    with op.batch_alter_table("deadline_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deadline_change_issue_id"))
        batch_op.drop_index(batch_op.f("ix_deadline_change_authority_id"))

    op.drop_table("deadline_change")
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_declaration_user_id"))
        batch_op.drop_index(batch_op.f("ix_conflict_declaration_authority_id"))

    op.drop_table("conflict_declaration")
    with op.batch_alter_table("allocation_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allocation_proposal_issue_id"))
        batch_op.drop_index(batch_op.f("ix_allocation_proposal_authority_id"))

    op.drop_table("allocation_proposal")
    with op.batch_alter_table("issue", schema=None) as batch_op:
        batch_op.drop_index("ix_issue_state_deadline")
        batch_op.drop_index(batch_op.f("ix_issue_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_issue_lot_id"))
        batch_op.drop_index(batch_op.f("ix_issue_batch_id"))
        batch_op.drop_index(batch_op.f("ix_issue_authority_id"))

    op.drop_table("issue")
    with op.batch_alter_table("batch_package", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_batch_package_live",
            sqlite_where=sa.text("removed_at IS NULL AND settled_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL AND settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_batch_package_package_id"))
        batch_op.drop_index(batch_op.f("ix_batch_package_batch_id"))
        batch_op.drop_index(batch_op.f("ix_batch_package_authority_id"))

    op.drop_table("batch_package")
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_version_authority_id"))

    op.drop_table("agreement_version")
    with op.batch_alter_table("text_clearance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_clearance_authority_id"))

    op.drop_table("text_clearance")
    op.drop_table("task_file_part")
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_removal_open", sqlite_where=sa.text("stage = 'told'"), postgresql_where=sa.text("stage = 'told'")
        )
        batch_op.drop_index(batch_op.f("ix_removal_membership_id"))
        batch_op.drop_index(batch_op.f("ix_removal_authority_id"))

    op.drop_table("removal")
    with op.batch_alter_table("package_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_visit_package_id"))
        batch_op.drop_index(batch_op.f("ix_package_visit_authority_id"))

    op.drop_table("package_visit")
    with op.batch_alter_table("package_skill", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_skill_authority_id"))

    op.drop_table("package_skill")
    with op.batch_alter_table("package_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_party_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_package_party_authority_id"))

    op.drop_table("package_party")
    with op.batch_alter_table("need_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_confirmation_package_id"))
        batch_op.drop_index(batch_op.f("ix_need_confirmation_authority_id"))

    op.drop_table("need_confirmation")
    with op.batch_alter_table("membership_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_area_authority_id"))

    op.drop_table("membership_area")
    with op.batch_alter_table("left_out_package", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_left_out_package_package_id"))
        batch_op.drop_index(batch_op.f("ix_left_out_package_authority_id"))

    op.drop_table("left_out_package")
    with op.batch_alter_table("funding_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_share_package_id"))
        batch_op.drop_index(batch_op.f("ix_funding_share_authority_id"))

    op.drop_table("funding_share")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_batch_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_batch_lot_id"))
        batch_op.drop_index("ix_batch_authority_state")
        batch_op.drop_index(batch_op.f("ix_batch_authority_id"))

    op.drop_table("batch")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agreement_live", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_agreement_provider_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_authority_id"))

    op.drop_table("agreement")
    with op.batch_alter_table("zone_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_area_zone_id"))
        batch_op.drop_index(batch_op.f("ix_zone_area_authority_id"))

    op.drop_table("zone_area")
    with op.batch_alter_table("task_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_file_task_id"))
        batch_op.drop_index(batch_op.f("ix_task_file_sha256"))

    op.drop_table("task_file")
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suspension_zone_id"))
        batch_op.drop_index(batch_op.f("ix_suspension_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_suspension_provider_id"))
        batch_op.drop_index(batch_op.f("ix_suspension_lot_id"))
        batch_op.drop_index(batch_op.f("ix_suspension_authority_id"))

    op.drop_table("suspension")
    with op.batch_alter_table("role_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_proposal_open",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )
        batch_op.drop_index("ix_role_proposal_waiting")
        batch_op.drop_index(batch_op.f("ix_role_proposal_invitation_id"))

    op.drop_table("role_proposal")
    with op.batch_alter_table("representative", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_representative_person_id"))
        batch_op.drop_index(batch_op.f("ix_representative_authority_id"))

    op.drop_table("representative")
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pause_zone_id"))
        batch_op.drop_index(batch_op.f("ix_pause_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_pause_provider_id"))
        batch_op.drop_index(batch_op.f("ix_pause_authority_id"))

    op.drop_table("pause")
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_package_zone_id"))
        batch_op.drop_index(
            "ix_package_waiting",
            sqlite_where=sa.text("status NOT IN ('running', 'ended', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('running', 'ended', 'withdrawn')"),
        )
        batch_op.drop_index("ix_package_sector")
        batch_op.drop_index(batch_op.f("ix_package_referring_team_id"))
        batch_op.drop_index(batch_op.f("ix_package_person_id"))
        batch_op.drop_index(batch_op.f("ix_package_parent_id"))
        batch_op.drop_index(batch_op.f("ix_package_lot_id"))
        batch_op.drop_index("ix_package_list")
        batch_op.drop_index(batch_op.f("ix_package_incumbent_provider_id"))
        batch_op.drop_index("ix_package_authority_status")

    op.drop_table("package")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_standing",
            sqlite_where=sa.text("state IN ('active','removal_proposed')"),
            postgresql_where=sa.text("state IN ('active','removal_proposed')"),
        )
        batch_op.drop_index(batch_op.f("ix_membership_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_membership_provider_id"))
        batch_op.drop_index(batch_op.f("ix_membership_authority_id"))
        batch_op.drop_index(batch_op.f("ix_membership_application_id"))

    op.drop_table("membership")
    with op.batch_alter_table("lot_price", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_price_zone_id"))
        batch_op.drop_index(batch_op.f("ix_lot_price_lot_id"))
        batch_op.drop_index(batch_op.f("ix_lot_price_authority_id"))

    op.drop_table("lot_price")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_summary_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_message_id"))
        batch_op.drop_index("ix_delivery_due")
        batch_op.drop_index(batch_op.f("ix_delivery_contact_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("capacity", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_capacity_whole", sqlite_where=sa.text("zone_id IS NULL"), postgresql_where=sa.text("zone_id IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_capacity_zone_id"))
        batch_op.drop_index(batch_op.f("ix_capacity_provider_id"))
        batch_op.drop_index(batch_op.f("ix_capacity_authority_id"))

    op.drop_table("capacity")
    with op.batch_alter_table("break_glass", schema=None) as batch_op:
        batch_op.drop_index("ix_break_glass_user_id_until")
        batch_op.drop_index(batch_op.f("ix_break_glass_person_id"))
        batch_op.drop_index("ix_break_glass_authority_id_opened_at")
        batch_op.drop_index(batch_op.f("ix_break_glass_authority_id"))

    op.drop_table("break_glass")
    with op.batch_alter_table("batch_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_proposal_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_batch_proposal_lot_id"))
        batch_op.drop_index(batch_op.f("ix_batch_proposal_authority_id"))

    op.drop_table("batch_proposal")
    with op.batch_alter_table("application_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_check_authority_id"))

    op.drop_table("application_check")
    with op.batch_alter_table("advocacy_test", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_advocacy_test_person_id"))
        batch_op.drop_index(batch_op.f("ix_advocacy_test_authority_id"))

    op.drop_table("advocacy_test")
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_zone_authority_id"))

    op.drop_table("zone")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_role_user_id"))
        batch_op.drop_index(batch_op.f("ix_user_role_team_id"))

    op.drop_table("user_role")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_state_created_at")
        batch_op.drop_index(batch_op.f("ix_task_created_by"))
        batch_op.drop_index(batch_op.f("ix_task_authority_id"))

    op.drop_table("task")
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_provider_id"))
        batch_op.drop_index(batch_op.f("ix_standing_authority_id"))

    op.drop_table("standing")
    op.drop_table("second_factor")
    with op.batch_alter_table("scheme_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheme_policy_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_scheme_policy_authority_id"))

    op.drop_table("scheme_policy")
    with op.batch_alter_table("repeated_request", schema=None) as batch_op:
        batch_op.drop_index("ix_repeated_request_created_at")

    op.drop_table("repeated_request")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))

    op.drop_table("recovery_code")
    op.drop_table("provider_skill")
    op.drop_table("provider_language")
    op.drop_table("provider_contact")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_team_id"))
        batch_op.drop_index(batch_op.f("ix_person_authority_id"))

    op.drop_table("person")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_user_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_user_id"))
        batch_op.drop_index("ix_message_inbox")
        batch_op.drop_index("ix_message_about")

    op.drop_table("message")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_lot_authority_id"))

    op.drop_table("lot")
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_form_user_id"))

    op.drop_table("kept_form")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invitation_open",
            sqlite_where=sa.text("used_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_invitation_user_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_invited_by"))

    op.drop_table("invitation")
    with op.batch_alter_table("gate_override", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_gate_override_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_gate_override_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_gate_override_provider_id"))
        batch_op.drop_index(batch_op.f("ix_gate_override_authority_id"))

    op.drop_table("gate_override")
    with op.batch_alter_table("cqc_rating", schema=None) as batch_op:
        batch_op.drop_index("ix_cqc_rating_newest")

    op.drop_table("cqc_rating")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_application_open",
            sqlite_where=sa.text("state IN ('draft','submitted','checking','waiting')"),
            postgresql_where=sa.text("state IN ('draft','submitted','checking','waiting')"),
        )
        batch_op.drop_index(batch_op.f("ix_application_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_application_provider_id"))
        batch_op.drop_index(batch_op.f("ix_application_authority_id"))

    op.drop_table("application")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_user_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_organisation_id"))

    op.drop_table("user_account")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_organisation_id"))

    op.drop_table("team")
    with op.batch_alter_table("scheme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheme_default_icb_id"))
        batch_op.drop_index(batch_op.f("ix_scheme_authority_id"))

    op.drop_table("scheme")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_authority_id"))

    op.drop_table("response")
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_organisation_id"))

    op.drop_table("provider")
    with op.batch_alter_table("imported_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_file_authority_id"))

    op.drop_table("imported_file")
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_authority_id"))

    op.drop_table("exclusion")
    with op.batch_alter_table("decline_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decline_code_authority_id"))

    op.drop_table("decline_code")
    with op.batch_alter_table("cqc_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cqc_import_authority_id"))

    op.drop_table("cqc_import")
    op.drop_table("audit_fact")
    with op.batch_alter_table("audit_block_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_block_entry_block_number"))

    op.drop_table("audit_block_entry")
    op.drop_table("address_wish")
    op.drop_table("unit_postcode")
    with op.batch_alter_table("password_request", schema=None) as batch_op:
        batch_op.drop_index("ix_password_request_at")
        batch_op.drop_index("ix_password_request_address_at")
        batch_op.drop_index("ix_password_request_account_at")

    op.drop_table("password_request")
    op.drop_table("organisation")
    with op.batch_alter_table("offer_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_line_offer_id"))

    op.drop_table("offer_line")
    op.drop_table("not_invited")
    op.drop_table("lease")
    op.drop_table("installation_fact")
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_try_at")
        batch_op.drop_index("ix_failed_try_address_at")
        batch_op.drop_index("ix_failed_try_account_at")

    op.drop_table("failed_try")
    op.drop_table("daily_run")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_tag_at")
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_authority_id"))

    op.drop_table("audit_entry")
    op.drop_table("audit_block")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_person_id"))
        batch_op.drop_index(batch_op.f("ix_access_log_at"))

    op.drop_table("access_log")
