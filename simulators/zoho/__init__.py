"""A Zoho CRM organisation on this machine: strict where Zoho is strict, and observable where Zoho is not."""

from simulators.zoho.layout import CALL_ID_FIELD, Layout
from simulators.zoho.oauth import Client
from simulators.zoho.server import ZohoCrm
from simulators.zoho.store import Commit

__all__ = ["CALL_ID_FIELD", "Client", "Commit", "Layout", "ZohoCrm"]
