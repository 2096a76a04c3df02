"""Those who are heard beside the networks, each in arrays, and what they are told of a compound."""
