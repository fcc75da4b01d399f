"""What the states of providers mean, and the colours of their tags."""

from __future__ import annotations

from marketplace.providers.models import CqcImportState

CQC_IMPORT_SENTENCES: dict[CqcImportState, str] = {
    CqcImportState.APPLIED: "The data was taken in.",
    CqcImportState.HELD: "Nothing has changed yet. A contract manager releases or refuses the data.",
    CqcImportState.REFUSED: "The data was refused. Nothing of it was taken in.",
}

CQC_IMPORT_COLOURS: dict[CqcImportState, str] = {
    CqcImportState.APPLIED: "green",
    CqcImportState.HELD: "yellow",
    CqcImportState.REFUSED: "red",
}
