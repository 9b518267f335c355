"""Everything about languages: which there are, what they call things, how a message looks in them."""
