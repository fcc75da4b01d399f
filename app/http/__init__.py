"""What every request passes: its edge, its one transaction, who asks, refusals, bodies, pages of lists. Below sign-in."""
