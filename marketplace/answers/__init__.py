"""An answer is what a provider says about one package of an offer: yes at a price, or no with a reason, until the deadline.

It comes by page, API, link or telephone, and ends when the round does. Files with names of their own: `lines` reads what
an answer is judged against, behind its lock; `sheets` is all that a provider may read of an offer, by page or API; `links` and
`telephone` are two ways to answer with rules of their own; `exporting` the file of own offers.
"""
