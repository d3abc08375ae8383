"""The journey of a newcomer: a few messages in the first three months, and whether people come back after them."""
