"""Where a batch stands, what may follow what, and how pages say it."""

from app.values.lifecycle import Lifecycle


class BatchState(Lifecycle, refusal="This batch is {state}, so it cannot become {to}."):
    """Where a batch stands."""

    DRAFT = "draft", "grey", "It can still be changed. Seal it when it is right.", "sealed discarded"
    SEALED = (
        "sealed",
        "purple",
        "Its packages are fixed. Offer it to providers, or unseal it to change it.",
        "draft offered discarded",
    )
    OFFERED = "offered", "blue", "Providers have been asked; each package goes its own way from here.", "settled"
    SETTLED = "settled", "green", "Every package has left it: awarded, withdrawn, on hold or unsourced."
    DISCARDED = "discarded", "pink", "It was given up and its packages were released."


_S = BatchState
