"""Files that people bring: their bytes turned into rows of text, or refused in words."""
