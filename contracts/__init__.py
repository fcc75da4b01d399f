"""What was agreed, and whether it is kept: agreements and what follows from them."""
