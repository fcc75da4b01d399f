"""Geometry for pictures drawn on the server: pure functions in, frozen shapes out, templates draw them."""

from app.ui.drawing.bars import bar_chart, stacked_bar, time_left
from app.ui.drawing.county import batch_map
from app.ui.drawing.week import visit_grid

__all__ = ["bar_chart", "batch_map", "stacked_bar", "time_left", "visit_grid"]
