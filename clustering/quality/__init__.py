"""How good a theme is: cohesion, warnings, explanations."""
