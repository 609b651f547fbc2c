"""Adapters towards the outside: messages, webhooks, pictures."""
