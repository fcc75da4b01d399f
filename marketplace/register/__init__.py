"""The register of providers as people read it, and the files that fill it: providers, and data of the CQC."""
