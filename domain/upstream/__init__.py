"""Other systems: what is asked of them, and what they answer, late, twice or never."""
