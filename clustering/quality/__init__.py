"""How good a theme is.

cohesion: how alike its ideas are. warnings: why not to draw conclusions from it. explanations: what is near to it.
"""
