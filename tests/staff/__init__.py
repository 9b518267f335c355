"""What members of the network do in the chat."""
