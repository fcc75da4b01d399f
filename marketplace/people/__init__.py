"""The person who needs care: identity, contact, and those who may speak for them."""
