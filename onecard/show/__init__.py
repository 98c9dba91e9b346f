"""Reading a card for people: everything that it gives without being changed."""
