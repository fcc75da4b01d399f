"""The accepting answers of a closed round in order, with the whole arithmetic of every place."""
