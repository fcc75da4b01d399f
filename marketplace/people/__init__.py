"""The person who needs care: identity, contact, and those who may speak for them.

A record begins with the first package and ends with retention. `break_glass` has a name of its own: opening an identity
out of scope is a thing of its own, and the auditors read it here.
"""
