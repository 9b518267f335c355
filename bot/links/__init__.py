"""Ways into the bot that are passed on: deep links, their QR codes, sealed hand-overs. Knows no messenger, no store."""
