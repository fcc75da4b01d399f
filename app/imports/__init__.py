"""Files that people bring. A kind of file declares its columns once, as the fields of the row that it becomes.

Reading, checking with every bad row named, staging, applying in one set, "already imported", progress, cancelling, the
report and the page's table of columns follow from that. Recipe: "Add a file kind" in docs/recipes.md.
"""
