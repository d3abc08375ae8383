"""What is set aside before grouping: texts that ask for nothing, and the parts of texts that do not."""
