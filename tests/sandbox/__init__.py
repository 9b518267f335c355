"""The stand-in for Telegram keeps its promises: over HTTP, with python-telegram-bot, and in a browser."""
