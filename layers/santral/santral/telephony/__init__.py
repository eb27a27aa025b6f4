"""The rules of telephony: dialling, taking in events, folding them, paying what is owed, recordings."""
