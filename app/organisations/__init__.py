"""What is decided about a whole organisation: the domains of a council's email addresses, and shutting one out.

One administrator proposes, another does it or refuses. An account with an address of another domain waits for a second
administrator; an organisation that is shut out has no sessions, tokens or links until it is let in again.
"""
