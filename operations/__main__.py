"""python -m operations: a company's deployment, secrets and users, and repairing its pipeline by hand.

AWS credentials and region as for every AWS tool.
"""

import logging
import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from operations.connecting import connect
from operations.doctor import doctor
from operations.erasing import erase, erase_recording
from operations.quarantine import commands as quarantine
from operations.redriving import redrive
from operations.replaying import replay
from operations.rotating import revoke, rotate
from operations.secrets import commands as secrets
from operations.tenants import commands as tenants
from operations.users import commands as users
from operations.zoho import commands as zoho
from santral.errors import SantralError
from santral.telemetry import logger

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Deploy and connect tenants, keep their users, and repair what went wrong.",
)
app.add_typer(tenants, name="tenant")
app.add_typer(secrets, name="secrets")
app.add_typer(rotate, name="rotate")
app.add_typer(revoke, name="revoke")
app.command()(connect)
app.command()(doctor)
app.add_typer(zoho, name="zoho")
app.command()(replay)
app.command()(redrive)
app.command()(erase)
app.command()(erase_recording)
app.add_typer(quarantine, name="quarantine")
app.add_typer(users, name="users")


def main() -> int:
    """Run a command; what cannot be done is a sentence."""
    # The functions' log is JSON for machines; a person reads sentences.
    logger.setLevel(logging.CRITICAL)
    try:
        app(prog_name="python -m operations")
    except SantralError as error:
        typer.echo(f"{error.sentence} ({error})", err=True)
    except (BotoCoreError, ClientError) as error:
        typer.echo(f"AWS: {error}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
