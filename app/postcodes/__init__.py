"""Postcodes: where they are (unit, sector, outcode), as shipped and as imported, and what lies around them."""
