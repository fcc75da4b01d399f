"""Sending the link of an invitation: a fresh one each time, so that those before are dead."""

from __future__ import annotations

from app import audit, clock
from app.accounts import letters
from app.accounts.models import Invitation
from app.accounts.queries import user_at
from app.accounts.terms import INVITATION_LASTS
from app.audit import Actor
from app.auth.secret import hashed, new_secret
from app.database import db


def send_link(invitation: Invitation, *, by: Actor) -> None:
    """Sends a fresh link; one that was sent before is dead from now on."""
    secret = new_secret()
    invitation.secret_hash = hashed(secret)
    invitation.sent_at = clock.now()
    invitation.expires_at = clock.now() + INVITATION_LASTS
    db.session.flush()
    audit.record("invitation:sent", invitation, by=by)
    has_account = invitation.user_id is None and user_at(invitation.email) is not None
    letters.tell_invited(invitation, None if has_account else secret)
