"""Groups of ideas: Leiden, hierarchy, constraints, membership, outliers."""
