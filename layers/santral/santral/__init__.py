"""Santral: a company's phone lines and WhatsApp inside its CRM."""

__version__ = "0.2.0"
