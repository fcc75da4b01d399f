"""The register of providers: locations, ratings over time, areas covered, declared capacity and carers."""
