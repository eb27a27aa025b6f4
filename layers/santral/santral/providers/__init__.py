"""The telephony and messaging providers, in our words."""
