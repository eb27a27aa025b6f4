"""Where a function's code is taken from: the source tree, or what `sam build` made of it."""

from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from sandbox.runtime import Code
from sandbox.template import Function

# What Lambda's own runtime brings along. boto3 is none of it here: our layer bundles it, and only so its absence shows.
_RUNTIME_MODULES = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")


def source_code(function: Function, root: Path) -> Code:
    """The tree as it lies; third-party packages come from the virtual environment."""
    return Code(folder=root, python_path=(*function.layers, root))


def built_code(function: Function, runtime_packages: Path) -> Code:
    """The artefact and its layers, and nothing of the virtual environment but the runtime client."""
    return Code(
        folder=function.code,
        python_path=(function.code, *(layer / "python" for layer in function.layers), runtime_packages),
        interpreter_options=("-S",),
        environment={"PYTHONDONTWRITEBYTECODE": "1"},  # artefact and layers are read-only in Lambda
    )


def link_runtime_packages(folder: Path) -> Path:
    """A folder that holds only what Lambda's runtime has, for `built_code`."""
    folder.mkdir(parents=True, exist_ok=True)
    for module in _RUNTIME_MODULES:
        origin = _location(module)
        link = folder / origin.name
        if not link.exists():
            link.symlink_to(origin)
    return folder


def _location(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{module} is missing; awslambdaric {distribution('awslambdaric').version} brings it")
    return Path(spec.submodule_search_locations[0]) if spec.submodule_search_locations else Path(spec.origin)
