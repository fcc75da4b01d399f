"""Commands of allocation, by name: awarding, approving, what ends an award, and whole batches at once."""

from brokerage.allocation.approving import approve, refuse_proposed
from brokerage.allocation.awarding import award
from brokerage.allocation.choice import AwardChoice
from brokerage.allocation.ending import cancel_for_withdrawn_package, pull_out, release_at_start
from brokerage.allocation.outcomes import none_suitable
from brokerage.allocation.whole_batch import LineEdit, approve_proposal, propose_for_batch, refuse_proposal

__all__ = [
    "AwardChoice",
    "LineEdit",
    "approve",
    "approve_proposal",
    "award",
    "cancel_for_withdrawn_package",
    "none_suitable",
    "propose_for_batch",
    "pull_out",
    "refuse_proposal",
    "refuse_proposed",
    "release_at_start",
]
