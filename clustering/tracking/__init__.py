"""From run to run: lineage of themes, placing new ideas."""
