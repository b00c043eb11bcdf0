"""How the customer feels, read from words."""
