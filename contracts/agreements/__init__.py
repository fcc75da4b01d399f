"""The agreement for one person's care with one provider: its states, versions and cost."""
