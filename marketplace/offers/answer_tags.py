"""What the audit says about answers. Until the deadline the council learns that there is an answer, not which one."""

from app import audit

_PROVIDER = ("package", "kind", "came_by", "version")
_COUNCIL = ("package", "came_by")

audit.declare("response:saved", "An answer was saved as a draft", provider=_PROVIDER)
audit.declare("response:sent", "An answer was sent", council=_COUNCIL, provider=_PROVIDER)
audit.declare("response:changed", "An answer that had been sent was changed", council=_COUNCIL, provider=_PROVIDER)
audit.declare("response:withdrawn", "An answer was taken back", council=_COUNCIL, provider=_PROVIDER)
audit.declare("offers:exported", "Own offers and answers were exported", council=("rows",), provider=("rows", "format"))
audit.declare("offer:link_spent", "The link in an email was used to answer", council=(), provider=())
