"""An answer is what a provider says about one package of an offer, by page, API, link or telephone, until the deadline."""
