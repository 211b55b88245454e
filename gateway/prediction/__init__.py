"""How likely a session is to reach an outcome: learning from past sessions, and scoring live ones."""
