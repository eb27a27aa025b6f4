"""The whole system on one machine: template.yaml served on loopback with the real handlers."""
