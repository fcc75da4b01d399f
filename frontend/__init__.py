"""The look of Homeward: fetches GOV.UK Frontend and takes out of it what only GOV.UK may show."""
