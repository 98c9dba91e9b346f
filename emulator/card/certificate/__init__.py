"""The certificate application: its memory, its commands, its behaviour."""
