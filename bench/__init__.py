"""How fast: Partner Center beside a hand-written server and beside what people write today."""
