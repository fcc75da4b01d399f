"""Where visits take place when it turns out where the person lives: told otherwise, moved, corrected, or found to be known.

What was told with a package and differs from the record waits for those who hold the record: they say which holds and from
when. Packages follow the person, and whoever is asked about them meanwhile is shown.
"""
