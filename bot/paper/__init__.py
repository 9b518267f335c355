"""What is printed: posters, cards to cut, door-opener cards. Knows no messenger, no store."""
