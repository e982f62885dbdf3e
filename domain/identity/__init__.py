"""People, their seats and rights: sign-in, sessions, API keys, roles."""
