"""Rahnuma, a Telegram bot that shows the way to psychosocial help. See docs/architecture.md for the floors."""
