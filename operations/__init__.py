"""The integrator's command line: what is done to a tenant by hand, from one's own machine, with one's own rights."""

import sys
from pathlib import Path

# The package is a layer and not installed; here it is used where it lies.
sys.path.append(str(Path(__file__).parent.parent / "layers" / "santral"))
