"""Packages of care: what one person needs, its visits through the week, and the states it goes through."""
