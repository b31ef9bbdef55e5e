"""What the tests stand on: terminals and peers, real ones."""
