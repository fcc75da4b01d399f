"""Awards: which provider a package goes to, one at a time or a whole batch as a proposal."""
