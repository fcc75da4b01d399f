"""The register of providers as people read it, and the files that fill it: providers, and data of the CQC.

It stands above `membership`, because a provider's page shows its memberships, and because a file makes a provider, its
application and, where the CQC gate allows, its memberships. Beside the files that every slice has: `import_rules` and
`importing`, the columns of a file of providers and what becomes of its rows; `cqc_services`, what CQC data means for members.
"""
