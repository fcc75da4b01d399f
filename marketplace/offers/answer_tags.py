"""What the audit says about answers. Until the deadline the council learns that there is an answer, not which one.

Auditors read every fact of an entry, so these are sealed for them as for everybody of the council.
"""

from app import audit
from marketplace.offers.sealing import seal_of_answers, seal_of_drafts

_PROVIDER = ("package", "kind", "came_by", "version")
_COUNCIL = ("package", "came_by")
_SENT = {
    "response:sent": "An answer was sent",
    "response:changed": "An answer that had been sent was changed",
    "response:withdrawn": "An answer was taken back",
}

audit.declare("response:saved", "An answer was saved as a draft", provider=_PROVIDER, seal=seal_of_drafts)
for _tag, _sentence in _SENT.items():
    audit.declare(_tag, _sentence, council=_COUNCIL, provider=_PROVIDER, seal=seal_of_answers)
audit.declare("offers:exported", "Own offers and answers were exported", council=("rows",), provider=("rows", "format"))
audit.declare("offer:link_spent", "The link in an email was used to answer", council=(), provider=())
