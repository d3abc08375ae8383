"""Forms check shape: what is there, how long, which type. The rules of ideas/ check truth."""
