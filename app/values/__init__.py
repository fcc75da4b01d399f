"""Values that every room of the house speaks in: money, hours, postcodes, NHS numbers, references.

Pure: standard library only. A value that exists is a valid one; what cannot be read raises `ValueError` with a
sentence that a page can show beside the field.
"""
