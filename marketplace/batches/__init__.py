"""A batch: packages gathered by postcode, so that one carer's round can serve them.

Care navigators and brokers propose batches for a scheme, or change one by hand, and seal it; a sealed batch is offered
to providers as one. It ends once each of its packages has left it: awarded, withdrawn, on hold or unsourced. A package
that the person wants to keep out of batches is lifted out, and is not proposed again.

`distances` holds the arithmetic of rounds, which rules and lists share; `listing` what lists and pages show, added up
by the database; `moves` how batches change state and packages enter and leave them, which offers use too.
"""
