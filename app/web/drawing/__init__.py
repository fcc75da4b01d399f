"""Geometry for pictures drawn on the server: pure functions in, frozen shapes out, templates draw them."""

from app.web.drawing.bars import bar_chart, ranking_bars
from app.web.drawing.county import batch_map
from app.web.drawing.remaining import time_left
from app.web.drawing.week import visit_grid

__all__ = ["bar_chart", "batch_map", "ranking_bars", "time_left", "visit_grid"]
