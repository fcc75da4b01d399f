"""What the audit says of people. Facts name fields and never repeat what stands in them."""

from app import audit

audit.declare("person:opened_out_of_scope", "Who the person is was opened out of scope", council=(), person=())
audit.declare("person:not_found_out_of_scope", "Somebody was looked for out of scope, and nobody was found")
audit.declare("person:registered", "The person's record was begun", council=(), person=())
audit.declare("person:contact_changed", "How to reach the person was changed", council=("fields",), person=("fields",))
audit.declare(
    "person:representative_added",
    "Somebody who may speak for the person was added",
    council=("kind",),
    person=("kind",),
)
audit.declare(
    "person:consent_withdrawn",
    "Consent to speak for the person was taken back",
    council=("kind", "on"),
    person=("kind", "on"),
)
audit.declare(
    "person:advocacy_tested",
    "The need for an independent advocate was tested",
    council=("made_on", "difficulties", "must_arrange"),
    person=("made_on", "must_arrange"),
)
