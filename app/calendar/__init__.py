"""The calendar: working days of England, deadlines in hours and in working days, local times shown and read."""
