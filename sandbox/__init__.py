"""The whole system on one machine: template.yaml served on loopback with the real handlers."""

import sys
from pathlib import Path

# The product's package lies where the layer is built from; nothing installs it.
sys.path.append(str(Path(__file__).parent.parent / "layers" / "santral"))
