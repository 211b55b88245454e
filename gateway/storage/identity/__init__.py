"""Identity as it is stored: who holds an identifier, which contacts are one customer, and what undoes it."""
