"""Clients, a server and a network that fail at random, and what must hold all the same."""
