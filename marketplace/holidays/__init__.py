"""Bank holidays that were proclaimed after the published list was made, council by council."""
