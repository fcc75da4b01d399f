"""A scheme is the purchasing system that an authority runs: its regime, lots, zones, and its dated policies.

A contract manager sets it up from its file and changes it; it ends on its last day, or with the law it runs under.
Policies are data: weights, windows, floors and ceilings carry their dates, and what was decided under a policy is
frozen with the decision.

`regime_rules` holds what procurement law asks, by regime; `scheme_file` says what a scheme's file may hold, and
`importing` puts it in place.
"""
