"""Embeddings and what is nearest among them.

encoders: texts to vectors. multilingual: the embedded model. cache: vectors kept between runs. checks: vectors that a
caller gives. neighbors: k nearest neighbours of every row. similar: the nearest of one vector.
"""
