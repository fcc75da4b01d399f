"""Awards: which provider a package goes to, one at a time or a whole batch as a proposal.

A broker awards to one answer of a ranked round; what is above the limit or below the quality minimum is only proposed,
and a second person approves it. An award ends when care begins under its agreement; or it is refused, lapses, the
provider steps back, or the package is withdrawn.

Beside the usual files: `times` says which visits an award may hold; `candidates` holds all that an award to one answer rests on; `ending` how awards end, and rounds
without one; `proposals` whole batches at once.
"""
