"""The shell's own pages: home, search, inbox, work in progress, health, audit, users."""
