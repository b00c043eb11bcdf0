"""Live voice: a conversation held over one WebSocket."""
