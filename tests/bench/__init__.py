"""Figures, measured: each command prints what it found and how; nothing here can fail a test."""
