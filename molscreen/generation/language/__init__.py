"""The language of molecules: a recurrent network that writes SMILES, and learns in the search what scores."""
