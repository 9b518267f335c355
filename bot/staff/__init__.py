"""What members of the network do in the chat: invite, write announcements, watch them go, keep the offers."""
