"""Where a batch stands, what may follow what, and how pages say it."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    SEALED = "sealed"
    OFFERED = "offered"
    SETTLED = "settled"
    DISCARDED = "discarded"


_S = BatchState

MOVES: dict[BatchState, frozenset[BatchState]] = {
    _S.DRAFT: frozenset({_S.SEALED, _S.DISCARDED}),
    _S.SEALED: frozenset({_S.DRAFT, _S.OFFERED, _S.DISCARDED}),
    _S.OFFERED: frozenset({_S.SETTLED}),
    _S.SETTLED: frozenset(),
    _S.DISCARDED: frozenset(),
}

LABELS: dict[BatchState, str] = {
    _S.DRAFT: "Draft",
    _S.SEALED: "Sealed",
    _S.OFFERED: "Offered",
    _S.SETTLED: "Settled",
    _S.DISCARDED: "Discarded",
}

SENTENCES: dict[BatchState, str] = {
    _S.DRAFT: "It can still be changed. Seal it when it is right.",
    _S.SEALED: "Its packages are fixed. Offer it to providers, or unseal it to change it.",
    _S.OFFERED: "Providers have been asked; each package goes its own way from here.",
    _S.SETTLED: "Every package has left it: awarded, withdrawn, on hold or unsourced.",
    _S.DISCARDED: "It was given up and its packages were released.",
}

# Colours of the GOV.UK tag component.
COLOURS: dict[BatchState, str] = {
    _S.DRAFT: "grey",
    _S.SEALED: "purple",
    _S.OFFERED: "blue",
    _S.SETTLED: "green",
    _S.DISCARDED: "pink",
}


def reason_against_move(start: BatchState, end: BatchState) -> str | None:
    """Why the batch cannot go there, as a sentence; None when it can."""
    if end in MOVES[start]:
        return None
    return f"This batch is {LABELS[start].lower()}, so it cannot become {LABELS[end].lower()}."
