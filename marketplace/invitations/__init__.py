"""Who is asked about a package, who is not, and why: every eligible member is, and everybody else has a reason.

Nothing is written here: the rounds keep what was decided. Files with names of their own: `eligibility` answers for all
members and packages at once; `reach` is what offering would do at this moment.
"""
