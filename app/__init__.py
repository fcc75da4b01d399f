"""The shell: web, sign-in, audit, messages, background work, postcodes. Knows nothing of care packages."""
