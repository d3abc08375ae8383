"""How newcomers are welcomed: one thing to do first, a first idea that is answered, a member beside them."""
