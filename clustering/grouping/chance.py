"""How alike groups are that are found by chance. No NumPy: pages that change the granularity need it too."""

# Cohesion of groups that are found by chance: the median of 243 themes found in Gaussian vectors with the covariance of
# real campaigns, 150 to 2,000 in each.
CHANCE_COHESION = 0.08
CHANCE_OF_FEW = 0.65  # divided by the size, on top: among many texts, a few that happen to be alike are always found


def cohesion_by_chance(size: int) -> float:
    """Returns the cohesion, in 0..1, that a group of so many ideas, one or more, is likely to have by chance."""
    return CHANCE_COHESION + CHANCE_OF_FEW / size
