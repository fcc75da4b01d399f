"""A small scheme file for tests, with pieces to change."""

FILE = """
name = "Testshire care at home"
authority = "Testshire County Council"
default_icb = "Testshire ICB"
regime = "PCR2015_LTR"
established_on = 2024-11-01
quality_weight = 60
price_weight = 40
yardstick_per_hour = 24.10
award_limit_per_week = 1500

[windows]
urgent_hours = 4
standard_hours = 24
batch_working_days = 5
opening = "08:00"
closing = "20:00"

[claims]
cancellation_days = 3

[kpi_targets]
response_rate = 95

[[lots]]
name = "homecare"
unit = "hour"
floor = 22.00
ceiling = 33.00

[[lots.prices]]
zone = "Preston"
band = "night"
floor = 25.50
ceiling = 36.00

[[lots]]
name = "night sitting"
unit = "night"
floor = 100
ceiling = 140

[[referring_teams]]
name = "Discharge hub"
email = "discharge@testshire.example"

[[zones]]
name = "Preston"
code = "E07000123"
sectors = ["PR1 8", "pr1  9"]

[[zones]]
name = "Chorley"
outcodes = ["PR7"]
"""


def a_file(*changes: tuple[str, str]) -> bytes:
    """The file with pieces replaced; each piece must be there."""
    text = FILE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()
