"""What the audit says about offers and rounds, and who may read which facts.

No fact here is a price: until the deadline the audit holds digests only, and afterwards the responses hold the prices.
"""

from __future__ import annotations

from app.audit import declare

declare("issue:made", "Offered to every eligible member", council=("packages", "offers", "lines", "deadline"))
declare("issue:extended", "The deadline was extended", council=("was", "becomes"))
declare("issue:withdrawn", "The offer was withdrawn", council=("rounds",))
declare("issue:closed", "The deadline passed and the rounds closed", council=("rounds", "with_yes"))
declare("issue:closed_early", "The rounds were closed before the deadline", council=("was",))
declare("round:ended", "The round ended", council=("state", "number"))
declare("round:package_withdrawn", "The package was taken back while its round was live", council=("number",))
declare("round:reopened", "The ranking of the round is open again", council=("number",))
declare("offer:stopped", "A suspension stops this offer", council=())
