"""Operating: seeing how timed work stands, holding it up, trying again what was given up."""
