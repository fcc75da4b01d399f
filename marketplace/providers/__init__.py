"""The register of providers: locations, ratings over time, areas covered, declared capacity and carers.

It is shared by all authorities. `known` says what counts for one of them, and `cqc_*` take in data of the CQC: read, as
plain values, what it would change, and how it is taken in.
"""
