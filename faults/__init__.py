"""Proofs that Homeward fails safely and recovers by itself: `make faults`. Nothing of the application imports this.

Each proof breaks something real (a process, a database, a disk, a network, a mail server) under a real server and looks
at what people were told and at what the tables hold afterwards. A proof is a function that yields rows; see `registry`.
"""
