"""The Telegram side: updates in, Bot API calls out. Knows nothing of what is said."""
