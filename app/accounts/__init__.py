"""Accounts: who is invited, which roles they get and who agreed, passwords, the second factor, and a user's own API tokens.

Allowed roles come from the inviter's side. Giving somebody the role of an administrator or of a contract manager takes
two people. Links in emails are good once, by POST only, and only until their hour.
"""
