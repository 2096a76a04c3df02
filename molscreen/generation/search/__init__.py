"""The search: what refuses and chooses among proposals, what is remembered, and the loop around it."""
