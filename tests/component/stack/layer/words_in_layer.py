"""Found only if the layer is on the path."""

GREETING = "hello from the layer"
