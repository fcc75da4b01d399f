"""An application: a provider asks to join lots of a scheme with one location, at any time.

A contract manager checks it and decides with reasons, within 10 working days, or 15 once the provider has been told why
(rules H3 and H9). It ends admitted, refused or taken back. What an admission begins stands above, in `membership`:
`wsgi.py` connects it.
"""
