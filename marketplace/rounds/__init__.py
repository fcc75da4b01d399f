"""A round is one attempt to find a provider for a package: offered until a deadline to every eligible member, then closed.

The council gives it; it ends awarded, without a taker, or taken back. Answers are rows here, for closing a round writes
those that did not come; how they are given is another slice. Files with names of their own: `issuing` writes a county's
rounds and offers set by set; `notice` proves who was told; `overview` is one issue as page and API show it; `market` the
page of a scheme's market.
"""
