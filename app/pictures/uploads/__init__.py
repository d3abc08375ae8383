"""Pictures that people upload, drawn again: nothing of a file is kept but its pixels."""
