"""What belongs into the CRM and how: whose call it was, and one record per call."""
