// WhatsApp with the person on the card: what was written, and how far our messages have come.

import { api } from "/page/asking.js";
import { at, clock, dotted, element, hear, whenSubmitted } from "/page/elements.js";
import { chosen, chosenNumber, linkTo } from "/page/people.js";
import { atEveryLook, stayAwake } from "/page/watching.js";
import { MESSAGE_STATES } from "/page/words.js";

const FINAL = ["read", "failed"];

let sent = []; // by this page to this person, oldest first: those on their way, accepted, and refused
let latestAsking = 0;

function start() {
  sent = [];
  at("messages").replaceChildren();
  at("text").value = "";
  at("messages-told").textContent = "Loading the messages…";
  refresh();
}

async function refresh() {
  const person = chosen;
  if (!person) return;
  const asking = ++latestAsking;
  let written = [];
  let told = "";
  try {
    await Promise.all(sent.filter(isOnItsWay).map(askState));
    const pages = await Promise.all(person.numbers.map(({ number }) => conversationWith(number)));
    written = pages.flat().sort((one, other) => Date.parse(one.sent_at) - Date.parse(other.sent_at));
  } catch (refusal) {
    told = refusal.message;
  }
  if (asking !== latestAsking || person !== chosen) return;
  show(written, told);
}

const conversationWith = async (number) =>
  (await api("GET", `/messages?${new URLSearchParams({ phone: number })}`)).content.messages;

const isOnItsWay = ({ id, state }) => id && !FINAL.includes(state);

async function askState(message) {
  const { content } = await api("GET", `/messages/${message.id}`);
  message.state = content.state;
  message.reason = content.reason;
}

function show(written, told) {
  const known = claimed(written);
  const bubbles = written.map((message) => bubbleOf(message, known.get(message)));
  const waiting = sent.filter((message) => ![...known.values()].includes(message)).map(bubbleOfSent);
  at("messages-told").textContent = told || (bubbles.length || waiting.length ? "" : "No messages yet.");
  const before = at("messages").textContent;
  at("messages").replaceChildren(...bubbles, ...waiting);
  if (at("messages").textContent !== before) at("messages").scrollTop = at("messages").scrollHeight;
}

// The conversation has no ids: of equal texts, the latest are those sent from here.
function claimed(written) {
  const known = new Map();
  for (const message of sent.filter(({ id }) => id).reverse()) {
    const found = written.findLast(
      (other) => other.direction === "outbound" && other.text === message.text && !known.has(other),
    );
    if (found) known.set(found, message);
  }
  return known;
}

function bubbleOf({ direction, text, sent_at }, known) {
  const when = sent_at && clock.format(new Date(sent_at));
  const state = known && stateOf(known);
  return bubble(kindOf(direction === "outbound", known), text, dotted(when, state));
}

const bubbleOfSent = (message) => bubble(kindOf(true, message), message.text, stateOf(message));
const kindOf = (ours, known) => dotted(ours && "ours", known?.state === "failed" && "failed").replace(" · ", " ");
const stateOf = ({ state, reason }) => (state === "failed" && reason ? reason : MESSAGE_STATES[state] ?? state);
const bubble = (kind, text, state) => element("li", { className: kind }, text, element("small", {}, state));

async function send() {
  const person = chosen;
  const text = at("text").value.trim();
  if (!text) return;
  const message = { text, state: "Sending…" };
  sent = [...sent.filter(({ id, state }) => id || state !== "failed"), message];
  at("text").value = "";
  at("write").querySelector("button").disabled = true;
  refresh();
  try {
    const { content } = await api("POST", "/messages", { to: chosenNumber(), text, record: linkTo(person) });
    Object.assign(message, { id: content.message_id, state: content.state });
    stayAwake(30);
  } catch (refusal) {
    Object.assign(message, { state: "failed", reason: refusal.message });
    // A message that may have gone out is not offered again.
    if (person === chosen && !refusal.mayHaveHappened) at("text").value = text;
  }
  at("write").querySelector("button").disabled = false;
  await refresh();
}

export function startMessages() {
  whenSubmitted(at("write"), send);
  hear("chosen", () => chosen && start());
  atEveryLook(refresh);
}
