"""What the audit says about packages, and who may read which facts. Providers and people read other timelines."""

from __future__ import annotations

from app.audit import declare

declare("package:created", "The package was entered", council=("reference", "version"), person=())
declare("package:imported", "The package was imported from a file", council=("reference", "line"), person=())
declare("package:edited", "The need was changed", council=("changed", "version"), person=())
declare("package:ready", "Everything is known: the package is ready", council=(), person=())
declare("package:draft_again", "Something is missing again: the package is a draft", council=())
declare("package:batched", "Put in a batch", council=("batch",))
declare("package:unbatched", "Taken out of its batch", council=())
declare("package:offered", "Offered to providers", council=("set_count",), person=())
declare("package:offer_ended", "The offer to providers ended without a round being settled", council=())
declare("package:awaiting_award", "Providers have accepted: the award can be made", council=(), person=())
declare("package:awarded", "A provider was chosen", council=(), person=())
declare("package:started", "The visits have begun", council=(), person=())
declare("package:ended", "The care has ended", council=(), person=())
declare("package:unsourced", "No provider has taken it", council=("set_count",), person=())
declare("package:held", "Put on hold", council=())
declare("package:released", "Taken off hold", council=())
declare("package:withdrawn", "Withdrawn: the care is no longer asked for", council=(), person=())
declare("package:need_confirmed", "Confirmed that the care is still needed", council=("needed",), person=("needed",))
declare("package:word_cleared", "Said that a word in a text is not the person’s name", council=())
declare("package:split", "Some visits became a package of their own", council=("into", "visits", "weekly_minutes"))
declare("package:split_off", "Split off from another package", council=("parent", "visits", "weekly_minutes"))
declare("packages:imported", "A file of packages was loaded", council=("rows", "drafts", "sha256"))
declare("packages:exported", "Packages were exported without identity", council=("rows", "format"))
declare("packages:exported_with_people", "Packages were exported with their people", council=("rows", "format"))
