"""Changing a running agreement: it ends, rests while the person is away, goes on, or is handed back.

Commissioners make a change; a provider asks for one, and a commissioner decides, who is never the same person. A change
takes effect on its day. Handing back needs nobody's yes: at once a successor package (same person, same visits) goes to
market, and care goes on until the day before the successor's provider begins, so that nobody is a day without care or
with two.
"""
