// Which calls go on right now, at all PBXes.

import { nameOfPbx } from "/page/acting.js";
import { api } from "/page/asking.js";
import { at, button, dotted, element, tag } from "/page/elements.js";
import { isBusy, noticeCalls, pickUp } from "/page/line.js";
import { nameOf, personWith } from "/page/people.js";
import { atEveryLook, stayAwake } from "/page/watching.js";
import { CALL_STATES, DIRECTIONS } from "/page/words.js";

const NONE = "Nobody is on the phone.";

async function look() {
  try {
    const { content } = await api("GET", "/calls/live");
    noticeCalls(content.calls);
    at("live-calls").replaceChildren(...content.calls.map(entry));
    at("live-told").textContent = content.calls.length ? "" : NONE;
    if (content.calls.length || isBusy()) stayAwake(5);
  } catch (refusal) {
    at("live-calls").replaceChildren();
    at("live-told").textContent = refusal.message;
  }
}

function entry(call) {
  const number = call.direction === "inbound" ? call.from : call.to;
  const person = personWith(number);
  const name = nameOf(number);
  return element(
    "li",
    {},
    element("span", { className: "who" }, person ? element("a", { href: person.key }, name) : name),
    tag(call.state === "answered" ? "good" : "", CALL_STATES[call.state]),
    element(
      "span",
      { className: "facts" },
      dotted(
        DIRECTIONS[call.direction],
        nameOfPbx(call.provider),
        call.extension && `extension ${call.extension}`,
        call.agent && `agent ${call.agent}`,
        call.queue && `queue ${call.queue}`,
      ),
    ),
    !isBusy() && button("Take over the line", () => pickUp(call), { className: "plain" }),
  );
}

export function startLive() {
  at("look").addEventListener("click", look);
  atEveryLook(look);
}
