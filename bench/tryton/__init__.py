"""The peer: Tryton's purchase-request-quotation, installed by pip, on the same seeded workload as Homeward.

`workload` is what both do; `environment` installs the peer; `peer` runs inside it; `homeward` is our side; `measure` tells
the ratios and their limits.
"""
