"""People check whether ideas belong in their themes.

sample: which ideas are offered, and which of them wait for a person. check: a person's yes, no or elsewhere.
agreement: how often people found an idea drawn at random rightly placed.
"""
