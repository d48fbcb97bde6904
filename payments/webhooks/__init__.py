"""What the gateway tells us, kept first and worked on afterwards."""
