"""Files that people upload: taken in, attached to what they prove, handed out, swept away."""
