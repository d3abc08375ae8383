"""What is stored about people: the register of it, its export, its erasure."""
