"""Packages of care: what one person needs, its visits through the week, and the states it goes through.

A navigator, a broker or a referrer asks for care, or a file does; a package ends with the agreement, or is withdrawn.
Files with a name of their own: `needs` enters and changes what is asked for, `visits` reads and judges the visits of a week,
`listing` holds the lists and their exports, `importing` the file that brings packages.
"""
