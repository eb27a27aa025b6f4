// The acting user as an agent of Kobikom's call centre: logged in or out, on a break or back.

import { agentNumber } from "/page/acting.js";
import { api } from "/page/asking.js";
import { at, duration, hear, option } from "/page/elements.js";
import { AGENT_STATES } from "/page/words.js";

const UNKNOWN = "The PBX does not say how an agent stands; what you do here is shown.";
const NO_AGENT = "You are no agent of the call centre.";

const told = (sentence) => (at("agent-told").textContent = sentence);

function showAgent() {
  const number = agentNumber();
  at("agent-summary").textContent = number ? `Agent ${number}` : "No agent";
  told(number ? UNKNOWN : NO_AGENT);
  for (const pressed of at("agent-buttons").querySelectorAll("button")) pressed.disabled = !number;
}

async function act(method, path, body, sentenceOf) {
  told("…");
  try {
    const { content } = await api(method, `/agents/me/${path}`, body);
    told(sentenceOf(content));
  } catch (refusal) {
    told(refusal.message);
  }
}

function showState({ agent, state }) {
  at("agent-summary").textContent = `Agent ${agent}: ${AGENT_STATES[state] ?? state}`;
  return `Agent ${agent} is ${AGENT_STATES[state] ?? state}.`;
}

function showBreakOver({ seconds }) {
  at("agent-summary").textContent = `Agent ${agentNumber()}: ${AGENT_STATES.available}`;
  if (seconds === null) return "The break is over; the PBX did not say how long it was.";
  return `The break is over. It took ${duration(seconds)} min (${seconds} s).`;
}

// Asked for once the bar is opened: not every company has a call centre.
async function offerBreaks() {
  if (!at("agent").open || at("break-kind").options.length) return;
  try {
    const { content } = await api("GET", "/breaks");
    at("break-kind").replaceChildren(...content.breaks.map(({ id, name }) => option(id, name)));
  } catch (refusal) {
    told(refusal.message);
  }
}

export function startAgent() {
  at("log-in").addEventListener("click", () => act("POST", "login", {}, showState));
  at("log-out").addEventListener("click", () => act("POST", "logout", {}, showState));
  at("start-break").addEventListener("click", () =>
    act("POST", "break", { break_id: at("break-kind").value }, showState));
  at("end-break").addEventListener("click", () => act("DELETE", "break", undefined, showBreakOver));
  at("agent").addEventListener("toggle", offerBreaks);
  hear("acting", showAgent);
  showAgent();
}
