"""What members of the network do in the chat: invite, write announcements, exchange the offers sheet."""
