"""A batch: packages gathered by postcode, so that one carer's round can serve them.

Care navigators and brokers propose batches for a scheme, or change one by hand, and seal it; a sealed batch is offered
to providers as one. It ends once each of its packages has left it: awarded, withdrawn, on hold or unsourced. A package
leaves a draft for a reason of a list; after some of them it is not proposed again.

`distances` holds the arithmetic of rounds, which rules and lists share; `gathering` what is put together with what;
`proposing` the work in the queue that does so; `listing` what lists and pages show, added up by the database; `moves`
how batches change state and packages enter and leave them, which offers use too.
"""
