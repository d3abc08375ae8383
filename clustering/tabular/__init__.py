"""The parts of the reader of tables: see clustering.table."""
