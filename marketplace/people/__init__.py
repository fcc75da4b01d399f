"""The person who needs care: identity, contact, where they live from when, and those who may speak for them.

A record begins with the first package and ends with retention. Files with a name of their own: `break_glass`, opening an
identity out of scope, which the auditors read; `matching`, two records with one NHS number; `moves`, addresses and the days
on which they hold.
"""
