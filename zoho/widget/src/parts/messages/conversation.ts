// What was written with a customer, put together of what WapCRM tells and what was sent from here. No I/O.

import type { Schemas } from "../../api/client.ts";

export type PastMessage = Schemas["PastMessage"];
export type SentState = "sending" | "uploading" | "unknown" | Exclude<Schemas["MessageState"], "received">;

/** A message sent from here since the page was opened. */
export interface SentMessage {
  key: string;
  /** What WapCRM will show of it: the text, or the file's address without its signature; null as long as that is unknown. */
  text: string | null;
  fileName: string | null;
  messageId: string | null;
  state: SentState;
  /** Why it failed, or what is not known of it. */
  reason: string | null;
  at: number;
  /** How many of our messages in the conversation said the same before. */
  equals: number;
}

/** One bubble. `state` is null where nobody tells how far a message has come. */
export interface Bubble {
  key: string;
  ours: boolean;
  text: string;
  fileName: string | null;
  at: number | null;
  state: SentState | null;
  reason: string | null;
}

/** How long WhatsApp takes whatever a company writes, counted from the customer's latest message. */
const WINDOW = 24 * 3600_000;
const ON_ITS_WAY: readonly SentState[] = ["accepted", "sent", "delivered"];

export const isOnItsWay = ({ messageId, state }: SentMessage): boolean =>
  messageId !== null && ON_ITS_WAY.includes(state);

/** The bubbles, oldest first. What WapCRM does not show yet, or never took, stands at the end. */
export function joined(past: PastMessage[], sent: SentMessage[]): Bubble[] {
  const known = claimed(past, sent);
  const claimedOnes = new Set(known.values());
  const told = past.map((message, place) => bubbleOfPast(message, place, known.get(message)));
  return [...told, ...sent.filter((message) => !claimedOnes.has(message)).map(bubbleOfSent)];
}

/** Our messages in the conversation that say just this, oldest first. */
export const equalsOf = (past: PastMessage[], text: string | null): PastMessage[] =>
  past.filter((message) => message.direction === "outbound" && message.text === text);

// The conversation has no ids: of equal texts, the latest are those sent from here.
function claimed(past: PastMessage[], sent: SentMessage[]): Map<PastMessage, SentMessage> {
  const known = new Map<PastMessage, SentMessage>();
  for (const message of [...sent].reverse()) {
    if (message.messageId === null && message.state !== "unknown") continue;
    const found = equalsOf(past, message.text)
      .slice(message.equals)
      .reverse()
      .find((other) => !known.has(other));
    if (found) known.set(found, message);
  }
  return known;
}

function bubbleOfPast(message: PastMessage, place: number, sent: SentMessage | undefined): Bubble {
  // In the list it has arrived, whatever became of the answer.
  const state = sent?.state === "unknown" ? "accepted" : (sent?.state ?? null);
  return {
    key: sent?.key ?? `${place} ${message.sent_at ?? ""}`,
    ours: message.direction === "outbound",
    text: message.text,
    fileName: sent?.fileName ?? fileNameIn(message.text),
    at: message.sent_at === null ? null : Date.parse(message.sent_at),
    state,
    reason: state === "failed" ? (sent?.reason ?? null) : null,
  };
}

const bubbleOfSent = ({ key, text, fileName, state, reason, at }: SentMessage): Bubble => ({
  key,
  ours: true,
  text: text ?? "",
  fileName,
  at,
  state,
  reason,
});

// WapCRM shows a file as the address it was fetched from.
function fileNameIn(text: string): string | null {
  if (!/^https?:\/\/\S+$/.test(text)) return null;
  const last = text.split(/[?#]/)[0]?.split("/").pop() ?? "";
  return /\.\w{2,5}$/.test(last) ? decoded(last) : "";
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The address a file may be opened at; ours are signed and have no lasting one. */
export const linkOf = ({ text, fileName }: Bubble): string | null =>
  fileName !== null && /^https?:\/\//.test(text) && !text.includes("/message-files/") ? text : null;

export const withoutSignature = (address: string): string => address.split("?")[0] ?? address;

/** Milliseconds WhatsApp's window stays open; 0 once it is over, null when the customer has not written or nobody knows when. */
export function windowLeft(past: PastMessage[], now: number): number | null {
  const theirs = past.filter(({ direction, sent_at }) => direction === "inbound" && sent_at !== null);
  if (!theirs.length) return null;
  const latest = Math.max(...theirs.map(({ sent_at }) => Date.parse(sent_at ?? "")));
  return Math.max(0, latest + WINDOW - now);
}

/** Whether it is known that the customer has never written: untold times leave that open. */
export const hasNeverWritten = (past: PastMessage[]): boolean => !past.some(({ direction }) => direction === "inbound");

/** Bubbles of one day; `day` is a moment within it, null where the time is not known. */
export interface Day {
  key: string;
  day: number | null;
  bubbles: Bubble[];
}

export function byDay(bubbles: Bubble[]): Day[] {
  const days: Day[] = [];
  for (const bubble of bubbles) {
    const key = bubble.at === null ? "" : new Date(bubble.at).toDateString();
    const latest = days[days.length - 1];
    if (latest && latest.key === key) latest.bubbles.push(bubble);
    else days.push({ key, day: bubble.at, bubbles: [bubble] });
  }
  return days;
}
