"""What the slice `providers` brings to the house; its pages are shown by `register`, with memberships."""

from app.audit import Tag
from app.house import Slice
from marketplace.providers import models

TAGS = (
    Tag("providers:imported", "Providers were loaded from a file", council=("rows", "admitted", "refused")),
    Tag("provider:carers_told", "The provider said who its carers are", council=("female", "male"), provider=()),
    Tag("provider:contact_added", "A contact was added", council=(), provider=()),
    Tag("provider:contact_left", "A contact was taken off", council=(), provider=()),
    Tag("provider:rating_changed", "The CQC rating changed", council=("was", "now"), provider=("was", "now")),
    Tag("provider:vanished", "CQC no longer lists the location", council=(), provider=()),
    Tag("provider:reappeared", "CQC lists the location again", council=(), provider=()),
    Tag("cqc:applied", "CQC data was taken in", council=("seen", "changed", "fallen", "vanished")),
    Tag("cqc:held", "CQC data was held for a person", council=("seen", "fallen")),
    Tag("cqc:released", "Held CQC data was taken in", council=("changed",)),
    Tag("cqc:accepted", "Ratings of another authority were accepted", council=("changed", "fallen")),
    Tag("cqc:declined", "Ratings of another authority were left out", council=()),
    Tag("cqc:refused", "Held CQC data was refused", council=()),
)

PROVIDERS = Slice(name="providers", models=models, tags=TAGS)
