"""Zoho CRM in our words: one shared token, one door, and the few requests we make of it."""
