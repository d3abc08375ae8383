"""Applications of the organisation that tell their users of answers waiting here."""
