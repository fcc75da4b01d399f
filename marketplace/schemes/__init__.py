"""A scheme is the purchasing system that an authority runs: its regime, lots, zones, and its dated policies.

Policies are data: weights, windows, floors and ceilings carry their dates, and what was decided under a policy is
frozen with the decision.
"""
