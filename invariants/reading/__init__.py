"""What a law is given: which reserves, users and tokens a step touched, before it and after it."""
