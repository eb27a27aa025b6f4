// Everything the page says in more than one place, and the names of what it deals with.

// A PBX that is `asked` tells of no call by itself: what goes on there is read from it, and its records come later.
export const PBXES = {
  virtualats: { label: "VirtualATS" },
  kobikom: { label: "Kobikom", asked: true },
  verimor: { label: "Verimor" },
};

export const CALL_STATES = { requested: "Requested", ringing: "Ringing", answered: "Answered", ended: "Ended" };

export const ENDINGS = {
  answered: "answered",
  no_answer: "not answered",
  busy: "busy",
  rejected: "rejected",
  failed: "failed",
  unknown: "outcome unknown",
};

export const DIRECTIONS = { inbound: "Incoming call", outbound: "Outgoing call", internal: "Internal call" };
export const CRM_TYPES = { Inbound: "Incoming call", Outbound: "Outgoing call", Missed: "Missed call" };

export const RECORDINGS = {
  unavailable: "The recording could not be fetched.",
  erased: "The recording has been erased.",
};

export const MESSAGE_STATES = {
  accepted: "accepted by WapCRM",
  sent: "sent",
  delivered: "delivered ✓✓",
  read: "read ✓✓",
  failed: "not sent",
};

export const AGENT_STATES = { available: "available", break: "on a break", offline: "logged out" };
export const EXTENSION_STATES = { available: "free", busy: "busy", break: "on a break", offline: "offline" };
export const CAMPAIGN_STATES = { on: "calling", off: "stopped", deleted: "deleted" };
export const CAMPAIGN_KINDS = { ivr: "menu", queue: "queue" };

export const FIELDS = {
  to: "The number",
  text: "The message",
  extension: "The extension",
  name: "The name",
  phone: "The number",
  note: "The note",
};

// What the gateway answers by itself carries no sentence for a person.
export const GATEWAY_SENTENCES = {
  401: "You are not signed in to the telephone system. Reload the page.",
  403: "You are not allowed to do this. Reload the page, or ask your administrator.",
  404: "The telephone system does not know this action.",
  413: "This is too large to be sent.",
  429: "That was too much at once. Please wait a moment.",
  500: "Something went wrong in the telephone system. Look before you try again.",
  503: "The telephone system did not answer in time. Look before you try again.",
};

export const UNREACHABLE = "The telephone system cannot be reached. Is the sandbox still running?";
export const REPEATED = "This is the call of a moment ago. Wait a few seconds before you call this number again.";
export const RECORD_COMES_LATER = (pbx) =>
  `${pbx} tells of it by its call records alone, which are read every five minutes; then it is written to the CRM.`;
export const WRITING = "Being written to the CRM…";
export const WRITTEN = "Written to the CRM.";
export const NOT_WRITTEN = "Not in the CRM yet. It will be written as soon as the CRM takes it.";
