// A campaign as it is ordered: who can run one, what there is to choose from, and the contacts as people type them.

import type { Api, Schemas } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import type { Place } from "../../host/host.ts";

/** A PBX that runs campaigns, and what there is at it. */
export interface Dialler {
  provider: "verimor" | "kobikom";
  queues: Schemas["Queue"][];
  announcements: Schemas["Announcement"][];
  callerIds: string[];
}

export type Kind = "ivr" | "queue";

export interface Draft {
  name: string;
  provider: Dialler["provider"];
  kind: Kind;
  queue: string;
  announcement: string;
  callerId: string;
  /** What each key leads to, e.g. "queue/201", in the provider's order. */
  targets: Record<string, string>;
  startDate: string;
  endDate: string;
  startTime: string;
  endTime: string;
  retries: string;
  contacts: string;
}

export interface Contact {
  phone: string;
  name: string;
}

/** Whoever the record is of, by their first number. */
export const contactsOf = (place: Place | null): Contact[] =>
  place?.numbers[0] ? [{ phone: place.numbers[0], name: place.name }] : [];

export const HANG_UP = "hangup/hangup";
export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
const FIRST_KEYS = KEYS.slice(0, 2);
const DAYS_LONG = 7;

/** What each dialler can run: Kobikom's campaigns play nothing. */
export const kindsOf = ({ provider }: Dialler): Kind[] => (provider === "verimor" ? ["ivr", "queue"] : ["queue"]);

/** The diallers that are set up. */
export async function diallersOf(api: Api): Promise<Dialler[]> {
  const asked = await Promise.all([ifSetUp(verimor(api)), ifSetUp(kobikom(api))]);
  return asked.filter((dialler) => dialler !== null);
}

async function verimor(api: Api): Promise<Dialler> {
  const provider = "verimor";
  const [{ queues }, { announcements }, { caller_ids }] = await Promise.all([
    api.get("/queues", { query: { provider }, as: "admin" }),
    api.get("/announcements", { query: { provider }, as: "admin" }),
    api.get("/caller-ids", { query: { provider } }),
  ]);
  return { provider, queues, announcements, callerIds: caller_ids };
}

async function kobikom(api: Api): Promise<Dialler> {
  const provider = "kobikom";
  const { queues } = await api.get("/queues", { query: { provider }, as: "admin" });
  return { provider, queues, announcements: [], callerIds: [] };
}

async function ifSetUp(asking: Promise<Dialler>): Promise<Dialler | null> {
  try {
    return await asking;
  } catch (problem) {
    if (problem instanceof Refusal && problem.code === "not_configured") return null;
    throw problem;
  }
}

/** A draft that only lacks its name and contacts: daytime of the week that begins now. */
export function freshDraft(dialler: Dialler, kind: Kind, contacts: string): Draft {
  const { provider, queues, announcements, callerIds } = dialler;
  return {
    name: "",
    provider,
    kind,
    queue: queues[0]?.queue ?? "",
    announcement: announcements[0]?.id ?? "",
    callerId: callerIds[0] ?? "",
    targets: Object.fromEntries(FIRST_KEYS.map((key) => [key, HANG_UP])),
    startDate: localDay(0),
    endDate: localDay(DAYS_LONG),
    startTime: "09:00",
    endTime: "18:00",
    retries: "1",
    contacts,
  };
}

function localDay(daysOn: number): string {
  const date = new Date();
  date.setDate(date.getDate() + daysOn);
  // Canadians write dates as ISO does.
  return date.toLocaleDateString("en-CA");
}

/** A line that does not begin with a number, as it stands. */
export interface Unread {
  line: number;
  text: string;
}

const LINE = /^(\+?\d[\d\s()./-]*\d)\s*(?:[,;:\t]\s*)?(.*)$/;

/** Reads one contact a line: a number, and perhaps a name. Empty lines say nothing. */
export function readContacts(text: string): { contacts: Contact[]; unread: Unread | null } {
  const contacts: Contact[] = [];
  for (const [place, line] of text.split("\n").entries()) {
    if (!line.trim()) continue;
    const found = LINE.exec(line.trim());
    if (!found) return { contacts, unread: { line: place + 1, text: line.trim() } };
    contacts.push({ phone: found[1] ?? "", name: found[2]?.trim() ?? "" });
  }
  return { contacts, unread: null };
}

/** The body of POST /campaigns: no field that this dialler or kind has no use for, since those are refused. */
export function orderOf(draft: Draft, contacts: Contact[]) {
  const { provider, kind } = draft;
  const common = {
    name: draft.name.trim(),
    provider,
    kind,
    start_date: draft.startDate || null,
    end_date: draft.endDate || null,
    start_time: draft.startTime || null,
    end_time: draft.endTime || null,
    retries: draft.retries === "" ? null : Number(draft.retries),
  };
  if (provider === "kobikom") {
    return { ...common, queue: draft.queue, contacts: contacts.map(({ phone, name }) => contactOf(phone, name)) };
  }
  // Verimor keeps no names.
  const verimor = {
    ...common,
    caller_id: draft.callerId || null,
    contacts: contacts.map(({ phone }) => contactOf(phone)),
  };
  if (kind === "queue") return { ...verimor, queue: draft.queue, agents_multiplier: 1 };
  return { ...verimor, announcement_id: draft.announcement || null, targets: draft.targets };
}

const contactOf = (phone: string, name = "") => ({
  phone,
  name: name || null,
  surname: null,
  phrase: null,
  lang: null,
});
