"""The register of providers as people read it, and the files that fill it: providers, and data of the CQC.

It stands above `membership`, because a provider's page shows its memberships, and because a file makes a provider, its
application and, where the CQC gate allows, its memberships. A file of providers is never taken in by half; CQC data in which
too many ratings fall is held until a contract manager releases or refuses it.
"""
