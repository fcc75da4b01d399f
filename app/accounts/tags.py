"""What the audit says of accounts. Facts name roles and teams; addresses and names stay in the tables of users."""

from app import audit

audit.declare("invitation:made", "Somebody was invited", council=("roles",), provider=("roles",))
audit.declare("invitation:sent", "The link of an invitation was sent", council=(), provider=())
audit.declare("invitation:withdrawn", "An invitation was withdrawn", council=(), provider=())
audit.declare("invitation:accepted", "An invitation was accepted", council=(), provider=())
audit.declare("roles:changed", "Roles were changed", council=("given", "taken"), provider=("given", "taken"))
audit.declare("roles:proposed", "Roles were proposed that take a second person", council=("roles",))
audit.declare("roles:approved", "A second person gave the proposed roles", council=("roles",))
audit.declare("roles:refused", "The proposed roles were refused", council=("roles",))
audit.declare("user:disabled", "The account was closed", council=(), provider=())
audit.declare("user:enabled", "The account was opened again", council=(), provider=())
audit.declare("password:link_sent", "A link to a new password was sent", council=(), provider=())
audit.declare("password:reset", "A new password was set through a link", council=(), provider=())
