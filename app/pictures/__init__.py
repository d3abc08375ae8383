"""Maps and charts as SVG, and images that people upload."""
