"""News from the coordinator to those who asked for it: audience, coverage by language, outbox, delivery."""
