"""Files as other programs leave them, read as sheets of rows of cells; tables of named columns."""
