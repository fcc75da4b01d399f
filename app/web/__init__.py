"""What pages are made of: forms, widgets, drawings and what templates can use."""
