"""Who is asked about a package, who is not, and why: every eligible member is, and everybody else has a reason."""
