"""What the slice `people` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice, TimedJob
from app.parties.roles import Role
from marketplace.people import api, models, panels, queries, routes, steps
from marketplace.people.break_glass import IDENTITY_OPENED
from marketplace.people.moves import addresses_to_come
from marketplace.people.queries import MAY_OPEN

WRITERS = (Role.NAVIGATOR, Role.BROKER, Role.SOCIAL_WORKER)
COUNCIL_READERS = (*WRITERS, Role.TEAM_MANAGER)
READERS = (*COUNCIL_READERS, Role.HEALTH_ASSESSOR, Role.AUDITOR, Role.REFERRER)
AN_HOUR = 3600

# Facts name fields and never repeat what stands in them.
TAGS = (
    Tag("person:opened_out_of_scope", "Who the person is was opened out of scope", council=(), person=()),
    Tag("person:not_found_out_of_scope", "Somebody was looked for out of scope, and nobody was found"),
    Tag("person:registered", "The person's record was begun", council=(), person=()),
    Tag("person:birth_confirmed", "Said that an unusual date of birth is right", council=()),
    Tag("person:moved", "Another address holds from a day on", council=("from_day",), person=("from_day",)),
    Tag("person:corrected", "The record was corrected", council=("fields",), person=("fields",)),
    Tag("person:joined", "What was told joined the record of the same person", council=("told", "holds")),
    Tag("person:kept_apart", "Found to be another person than the known one with the same NHS number"),
    Tag("person:contact_changed", "How to reach the person was changed", council=("fields",), person=("fields",)),
    Tag(
        "person:representative_added",
        "Somebody who may speak for the person was added",
        council=("kind",),
        person=("kind",),
    ),
    Tag(
        "person:consent_withdrawn",
        "Consent to speak for the person was taken back",
        council=("kind", "on"),
        person=("kind", "on"),
    ),
    Tag(
        "person:advocacy_tested",
        "The need for an independent advocate was tested",
        council=("made_on", "difficulties", "must_arrange"),
        person=("made_on", "must_arrange"),
    ),
)

PEOPLE = Slice(
    name="people",
    models=models,
    permissions=(
        Permission("people:read", "Reading who a person is", READERS),
        Permission("people:write", "Changing a person's contact, representatives and advocacy", WRITERS),
        Permission(
            "people:correct", "Correcting who a person is and where they live", (*WRITERS, Role.HEALTH_ASSESSOR)
        ),
        Permission("people:looks", "Reading who looked at a person's record", (*COUNCIL_READERS, Role.AUDITOR)),
        Permission("people:break-glass", "Opening who a person is, out of scope, with a reason", MAY_OPEN),
        Permission("people:opened", "Reading which identities were opened out of scope", (Role.AUDITOR,)),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Opened identities", "people.opened", "people:opened"),),
    panels=(panels.TO_COMPARE,),
    letters=(IDENTITY_OPENED,),
    finders=(queries.address_of_reference,),
    jobs=(TimedJob("let addresses hold", "An address holds from its first day on", addresses_to_come, every=AN_HOUR),),
)
