"""Embeddings: encoders, the embedded model, the cache, nearest neighbours."""
