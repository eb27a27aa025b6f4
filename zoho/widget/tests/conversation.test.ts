// The rules of a conversation: which message of it was sent from here, and how long one may write freely.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byDay,
  joined,
  linkOf,
  windowLeft,
  type Bubble,
  type PastMessage,
  type SentMessage,
} from "../src/parts/messages/conversation.ts";
import { writtenTo } from "../src/parts/messages/lines.tsx";

const HOUR = 3600_000;
const NOW = Date.parse("2026-11-22T10:00:00+03:00");

const past = (text: string, changes: Partial<PastMessage> = {}): PastMessage => ({
  direction: "outbound",
  text,
  sent_at: "2026-11-22T09:00:00+03:00",
  channel_account: null,
  phone: "+905321234567",
  ...changes,
});
const sent = (text: string, changes: Partial<SentMessage> = {}): SentMessage => ({
  key: `sent ${text}`,
  text,
  fileName: null,
  messageId: "wapcrm:1",
  state: "delivered",
  reason: null,
  at: NOW,
  equals: 0,
  ...changes,
});
const told = (bubbles: Bubble[]) => bubbles.map(({ text, state }) => [text, state]);

test("a message sent from here stands once, with its state", () => {
  assert.deepEqual(told(joined([past("Selam"), past("Merhaba")], [sent("Merhaba")])), [
    ["Selam", null],
    ["Merhaba", "delivered"],
  ]);
});

test("an equal message of before, or of a customer, is another one", () => {
  const before = [past("Tamam"), past("Tamam", { direction: "inbound" })];
  assert.deepEqual(told(joined(before, [sent("Tamam", { equals: 1 })])), [
    ["Tamam", null],
    ["Tamam", null],
    ["Tamam", "delivered"],
  ]);
});

test("two equal messages sent from here keep their states apart", () => {
  const messages = [sent("Tamam", { key: "1", state: "read" }), sent("Tamam", { key: "2", state: "sent", equals: 1 })];
  assert.deepEqual(told(joined([past("Tamam"), past("Tamam")], messages)), [
    ["Tamam", "read"],
    ["Tamam", "sent"],
  ]);
});

test("what WapCRM does not show is shown as it is: on its way, refused or not known", () => {
  const messages = [
    sent("1", { messageId: null, state: "sending" }),
    sent("2", { messageId: null, state: "failed", reason: "Hayır." }),
    sent("3", { messageId: null, state: "unknown" }),
  ];
  assert.deepEqual(
    joined([], messages).map(({ state, reason }) => [state, reason]),
    [
      ["sending", null],
      ["failed", "Hayır."],
      ["unknown", null],
    ],
  );
});

test("a message of which nothing was known has arrived once WapCRM shows it", () => {
  const lost = sent("Merhaba", { messageId: null, state: "unknown" });
  assert.deepEqual(told(joined([past("Merhaba")], [lost])), [["Merhaba", "accepted"]]);
});

test("a file is told by its name, and only one that lasts can be opened", () => {
  const [theirs, ours, text] = joined(
    [
      past("https://files.example.com/kat%20plan%C4%B1.pdf?v=2", { direction: "inbound" }),
      past("https://bucket.example.com/message-files/0a1b2c"),
      past("Bakın: https://example.com/a.pdf"),
    ],
    [],
  );
  assert.deepEqual([theirs?.fileName, ours?.fileName, text?.fileName], ["kat planı.pdf", "", null]);
  assert.equal(theirs && linkOf(theirs), "https://files.example.com/kat%20plan%C4%B1.pdf?v=2");
  assert.equal(ours && linkOf(ours), null);
});

test("no script hides behind what a customer writes", () => {
  const [bubble] = joined([past("javascript:alert(1)", { direction: "inbound" })], []);
  assert.equal(bubble && linkOf(bubble), null);
  assert.equal(bubble?.fileName, null);
});

test("WhatsApp's window is open for a day from the customer's latest message", () => {
  const wrote = (hoursAgo: number) =>
    past("Merhaba", { direction: "inbound", sent_at: new Date(NOW - hoursAgo * HOUR).toISOString() });
  assert.equal(windowLeft([wrote(30), wrote(1), past("Buyurun")], NOW), 23 * HOUR);
  assert.equal(windowLeft([wrote(25)], NOW), 0);
  assert.equal(windowLeft([past("Buyurun")], NOW), null);
  assert.equal(windowLeft([past("Merhaba", { direction: "inbound", sent_at: null })], NOW), null);
});

test("what was written on another line opens no window on this one", () => {
  const line = { channel_id: "15", name: "Satış", account: "+90 850 490 02 90", kind: "whatsapp" };
  const messages = [past("a", { channel_account: "908504900290" }), past("b", { channel_account: "994502220011" })];
  assert.deepEqual(
    writtenTo(line, messages).map(({ text }) => text),
    ["a"],
  );
  assert.equal(writtenTo(null, messages).length, 2);
});

test("each day stands apart, and so does what has no time", () => {
  const bubbles = joined(
    [past("1", { sent_at: "2026-11-20T12:00:00+03:00" }), past("2"), past("3", { sent_at: null })],
    [],
  );
  assert.deepEqual(
    byDay(bubbles).map(({ bubbles: ofDay }) => ofDay.length),
    [1, 1, 1],
  );
});
