"""Tables of an export that were changed in a spreadsheet program and come back."""
