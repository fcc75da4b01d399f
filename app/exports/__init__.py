"""Lists that leave the house as files: written a row at a time, noted in the audit with count and digest, then sent."""

from app.exports.answers import CONTENT_TYPES, ExportTable, answer, format_asked

__all__ = ["CONTENT_TYPES", "ExportTable", "answer", "format_asked"]
