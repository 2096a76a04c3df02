"""Why a number is what it is: atoms, and compounds that are nearly the same."""
