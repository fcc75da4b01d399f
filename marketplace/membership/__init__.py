"""A membership: a provider belongs to one lot of a scheme, from its admission until it leaves or is removed.

The member says where it works, what it can take and when it pauses. The council suspends new offers or proposes a
removal, and the CQC gate suspends by itself; none of that touches care that is given. Beside the files that every slice
has: `suspensions` and `removals`, each with a course of its own; and `own_steps`, what a provider does with what is its
own.
"""
