"""Packages gathered by postcode, so that one carer's round can serve them."""
