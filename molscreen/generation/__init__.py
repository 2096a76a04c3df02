"""Where new molecules come from: proposers, what chooses among proposals, and the loop around them."""
