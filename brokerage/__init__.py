"""Who decides: ranking, awards and the letters that tell providers why."""
