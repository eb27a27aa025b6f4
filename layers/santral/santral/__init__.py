"""Santral: a company's phone lines and WhatsApp inside its CRM."""

import gc

__version__ = "0.2.0"

# What is loaded stays, and what an event leaves behind goes without it: searching for garbage among every 2,000 new
# objects, as Python does by default, would take a twelfth of each cold start and find none.
gc.set_threshold(100_000)
