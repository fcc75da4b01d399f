"""For auditors and administrators: the audit of the authority, and its users."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Email, InputRequired, Length

from app.audit.models import AuditEntry
from app.audit.queries import timeline
from app.audit.tags import Audience, tag_named
from app.audit.verify import verify
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Invalid, NotFoundForViewer
from app.parties import services
from app.parties.models import Organisation, User
from app.parties.roles import ROLES_OF_KIND, OrganisationKind, Role
from app.web.fields import EmailField, TextField, TicksField, choice
from app.web.forms import HomewardForm
from app.web.paging import paged

bp = Blueprint("oversight", __name__)


@bp.get("/audit")
@allows("audit:read")
def audit_list() -> str:
    """Every entry of the authority, newest first."""
    query = select(AuditEntry).where(AuditEntry.authority_id == current_viewer().authority_id)
    if tag := request.args.get("tag", "")[:80]:
        query = query.where(AuditEntry.tag == tag)
    page = paged(query.order_by(AuditEntry.at.desc(), AuditEntry.id))
    return render_template("pages/audit.html", page=page, tag_named=tag_named, verdict=None)


@bp.post("/audit/check")
@allows("audit:read")
def audit_check() -> str:
    """Checks the whole audit now."""
    query = select(AuditEntry).where(AuditEntry.authority_id == current_viewer().authority_id)
    page = paged(query.order_by(AuditEntry.at.desc(), AuditEntry.id), number=1)
    return render_template("pages/audit.html", page=page, tag_named=tag_named, verdict=verify())


@bp.get("/audit/<uuid:subject_id>")
@allows("audit:read")
def audit_subject(subject_id: UUID) -> str:
    """The whole timeline of one thing of the authority."""
    query = select(AuditEntry.id).where(
        AuditEntry.subject_id == subject_id, AuditEntry.authority_id == current_viewer().authority_id
    )
    if db.session.scalars(query.limit(1)).one_or_none() is None:
        raise NotFoundForViewer
    return render_template("pages/audit_subject.html", items=timeline(subject_id, Audience.AUDITOR, limit=200))


class UserForm(HomewardForm):
    """A new user of the viewer's organisation."""

    name = TextField("Full name", validators=[InputRequired("Enter the person's full name."), Length(max=200)])
    email = EmailField(
        "Email address",
        validators=[InputRequired("Enter an email address."), Email("Enter an email address like name@example.org.")],
    )
    roles = TicksField("Roles", validators=[InputRequired("Choose at least one role.")])


@bp.get("/users")
@allows("users:manage")
def users() -> str:
    """The people of the viewer's organisation."""
    return _users_page(_user_form())


@bp.post("/users")
@allows("users:manage")
def create_user() -> AnyResponse:
    """Adds a user without a password; an invitation to set one follows."""
    form, viewer = _user_form(), current_viewer()
    if not form.validate_on_submit():
        return Response(_users_page(form), status=422)
    organisation = db.session.get_one(Organisation, viewer.organisation_id)
    try:
        roles = [Role(value) for value in form.roles.data or []]
        services.create_user(organisation, form.email.data or "", form.name.data or "", roles, by=viewer.actor)
    except Invalid as refusal:
        form.take(refusal)
        return Response(_users_page(form), status=422)
    db.session.commit()
    return redirect(url_for("oversight.users"))


def _user_form() -> UserForm:
    form = UserForm()
    kind = current_viewer().organisation_kind
    held_apart = {Role.ADMINISTRATOR, Role.CONTRACT_MANAGER}
    open_roles = [role for role in Role if role in ROLES_OF_KIND[OrganisationKind(kind)] - held_apart]
    form.roles.choices = [choice(role.value, role.label) for role in open_roles]
    return form


def _users_page(form: UserForm) -> str:
    query = select(User).where(User.organisation_id == current_viewer().organisation_id).order_by(User.name, User.id)
    return render_template("pages/users.html", page=paged(query), form=form)
