"""Who may be a member of a scheme: applications, checks and decisions, membership, suspension and removal."""
