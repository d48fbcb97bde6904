"""What the tutor is measured with: how right its answers are, and how quick it finds them."""
