"""Demo data: Lancashire with a simulated past, and the server that shows it."""
