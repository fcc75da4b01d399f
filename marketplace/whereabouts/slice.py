"""What the slice `whereabouts` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.house import PageSection, Slice
from marketplace.whereabouts import api, panels, steps

TAGS = (
    Tag("package:address_decided", "Said which of two addresses of the person holds", council=("holds", "from_day")),
    Tag("package:person_joined", "Found to be for somebody known already"),
)

WHEREABOUTS = Slice(
    name="whereabouts",
    tags=TAGS,
    pages=(steps.bp,),
    endpoints=(api.bp,),
    panels=panels.PANELS,
    page_sections=(PageSection("told_person", panels.packages_told),),
)
