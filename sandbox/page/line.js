// The line: the one call the acting agent is on or was on last, and what can be done to it.

import { colleaguesAt, extensionAt, nameOfPbx, pbx } from "/page/acting.js";
import { api, recordsOf, simulates } from "/page/asking.js";
import { at, dotted, duration, fill, hear, option, pause, sameNumber, tell, whenSubmitted } from "/page/elements.js";
import { chosen, chosenNumber, isKnown, linkTo, loadPeople, nameOf } from "/page/people.js";
import { stayAwake } from "/page/watching.js";
import {
  CALL_STATES, ENDINGS, EXTENSION_STATES, NOT_WRITTEN, PBXES, RECORD_COMES_LATER, REPEATED, WRITING, WRITTEN,
} from "/page/words.js";

const LOOK_AGAIN = 600;
const PATIENCE = 15_000;
const CRM_PATIENCE = 60_000;

let line = { callId: null }; // a new object takes the line over

export const isBusy = () => Boolean(line.busy);

function takeLine(name, provider, callId = null) {
  line = { name, provider, callId, busy: true, askedAt: Date.now(), answeredAt: null, endedAt: null };
  at("control-told").textContent = "";
  setMuted(false);
  return line;
}

function showLine(state, words, sentence = "") {
  at("line").hidden = false;
  at("line").dataset.state = state;
  at("line-state").textContent = words;
  at("line-sentence").textContent = sentence;
  const reached = Object.keys(CALL_STATES).indexOf(state);
  for (const [index, step] of [...at("steps").children].entries()) {
    const skipped = step.dataset.state === "answered" && state === "ended" && !line.answeredAt;
    step.classList.toggle("reached", index <= reached && !skipped);
    step.classList.toggle("now", index === reached);
  }
  showTimer();
  enableCalling();
}

function showProblem(words, sentence) {
  line.busy = false;
  showLine("problem", words, sentence);
}

function showTimer() {
  const since = line.answeredAt ?? (line.busy ? line.askedAt : null);
  at("timer").textContent = since ? duration(Math.max(0, (line.endedAt ?? Date.now()) - since) / 1000) : "";
}

function enableCalling() {
  at("call").disabled = !chosen?.numbers.length || line.busy;
  at("controls").hidden = !line.busy || !line.callId;
}

// --- calling ---

// No idempotency key is sent: the API takes the same user, extension and number within 15 s for the same click, also
// when it comes from another tab. A key per click would make a second ring of it.
async function dial() {
  const person = chosen;
  const former = line.callId;
  const mine = takeLine(person.name, pbx());
  mine.number = chosenNumber();
  showLine("requested", `Calling ${person.name}…`);
  stayAwake();
  try {
    const order = { to: mine.number, provider: mine.provider, record: linkTo(person) };
    const { content } = await api("POST", "/calls", order);
    mine.callId = content.call_id;
    enableCalling();
  } catch (refusal) {
    const words = refusal.mayHaveHappened ? `${person.name} may be ringing` : `${person.name} was not called`;
    if (line === mine) showProblem(words, refusal.message);
    return;
  }
  mine.repeated = mine.callId === former;
  await follow(mine);
}

// A call that comes in, or one made by hand on the agent's own phone, takes a free line.
export function noticeCalls(calls) {
  if (line.busy) return;
  const own = calls.find((call) => isOwn(call) && !isSameCall(line, call));
  if (own) pickUp(own);
}

function isOwn(call) {
  if (call.extension) return call.extension === extensionAt(call.provider);
  return call.direction === "inbound" && call.state === "ringing";
}

export function pickUp(call) {
  const number = call.direction === "inbound" ? call.from : call.to;
  const mine = takeLine(nameOf(number), call.provider, call.call_id);
  mine.number = number;
  mine.fromStranger = !isKnown(number);
  offerColleagues(mine);
  showCall(mine, call);
  return follow(mine);
}

// The id a call goes by changes at a PBX that gives it none, but not who talks with whom.
function isSameCall(mine, call) {
  if (call.call_id === mine.callId) return true;
  if (call.provider !== mine.provider || !PBXES[mine.provider]?.asked) return false;
  return [call.from, call.to].some((number) => sameNumber(number, mine.number));
}

// --- following ---

async function follow(mine) {
  offerColleagues(mine);
  let heardAt = Date.now();
  while (line === mine && mine.busy) {
    try {
      const call = await lookAt(mine);
      if (line !== mine) return;
      if (call) {
        heardAt = Date.now();
        showCall(mine, call);
      }
      if (Date.now() - heardAt > PATIENCE) throw new Error("There has been no news of it for a while.");
    } catch (problem) {
      if (line !== mine) return;
      if (Date.now() - heardAt > PATIENCE) {
        showProblem(`Nothing is heard of the call with ${mine.name}`, problem.message);
        return;
      }
    }
    if (mine.busy) await pause(LOOK_AGAIN);
  }
  if (line === mine && simulates("zoho") && !mine.repeated && !mine.recordComesLater) watchForRecord(mine);
}

async function lookAt(mine) {
  const going = PBXES[mine.provider]?.asked && (await goingOn(mine));
  if (going) {
    mine.wasSeen = true;
    return going;
  }
  const known = await knownCall(mine.callId);
  if (!PBXES[mine.provider]?.asked || known?.state === "ended") return known;
  // What is no longer in the list of what goes on is over; how it ended is told by its record.
  return mine.wasSeen ? { ...known, state: "ended", disposition: null } : null;
}

async function goingOn(mine) {
  const { content } = await api("GET", `/calls/live?provider=${mine.provider}`);
  return content.calls.find((call) => isSameCall(mine, call));
}

// Of a call that comes in, the API knows only once it has been told; until then there is no news.
async function knownCall(callId) {
  try {
    return (await api("GET", `/calls/${callId}`)).content;
  } catch (refusal) {
    if (refusal.status === 404) return null;
    throw refusal;
  }
}

function showCall(mine, call) {
  const { name } = mine;
  const inbound = call.direction === "inbound";
  const answered = call.state === "answered" || call.disposition === "answered";
  if (answered) mine.answeredAt ??= Date.parse(call.answered_at) || Date.now();
  if (call.state === "ended") {
    mine.busy = false;
    mine.recordComesLater = !call.disposition;
    const toldEnd = mine.answeredAt && mine.answeredAt + (call.talk_seconds ?? 0) * 1000;
    mine.endedAt = mine.recordComesLater ? Date.now() : toldEnd;
  }
  const ending = call.disposition ? `has ended: ${ENDINGS[call.disposition]}` : "is over";
  const words = {
    requested: `Calling ${name}…`,
    ringing: inbound ? `${name} is calling` : `Ringing ${name}`,
    answered: `On the phone with ${name}`,
    ended: `The call with ${name} ${ending}`,
  };
  // Said once, or a screen reader would repeat it with every look.
  if (at("line").dataset.state === call.state && at("line-state").textContent === words[call.state]) return;
  const extension = call.extension && `extension ${call.extension}`;
  const numbers = dotted(inbound ? call.from : call.to, nameOfPbx(mine.provider), extension);
  showLine(call.state, words[call.state], call.state === "ended" ? lastSentence(mine) : numbers);
  tell("calls");
}

function lastSentence(mine) {
  if (mine.repeated) return REPEATED;
  return mine.recordComesLater ? RECORD_COMES_LATER(nameOfPbx(mine.provider)) : "";
}

async function watchForRecord(mine) {
  const giveUpAt = Date.now() + CRM_PATIENCE;
  const told = (sentence) => {
    if (line === mine) at("line-sentence").textContent = sentence;
  };
  told(WRITING);
  while (Date.now() < giveUpAt) {
    const calls = await recordsOf("Calls").catch(() => []);
    if (calls.some((call) => call.Santral_Call_ID === mine.callId)) {
      told(WRITTEN);
      tell("calls");
      if (mine.fromStranger) await loadPeople();
      return;
    }
    await pause(LOOK_AGAIN);
  }
  told(NOT_WRITTEN);
  tell("calls");
}

// --- hanging up, transferring, muting ---

async function control(pressed, path, body) {
  const mine = line;
  at("control-told").textContent = "";
  pressed.disabled = true;
  try {
    return (await api("POST", `/calls/${mine.callId}/${path}`, body)).content;
  } catch (refusal) {
    if (line === mine) at("control-told").textContent = refusal.message;
    return null;
  } finally {
    pressed.disabled = false;
  }
}

const hangUp = () => control(at("hang-up"), "hangup", {});

async function transfer() {
  const done = await control(at("transfer").querySelector("button"), "transfer", {
    to_extension: at("colleague").value,
  });
  if (done) at("line-sentence").textContent = `Handed over to extension ${done.to_extension}.`;
}

async function toggleMute() {
  const on = at("mute").getAttribute("aria-pressed") !== "true";
  const done = await control(at("mute"), "mute", { on });
  if (done) setMuted(done.on);
}

function setMuted(on) {
  at("mute").setAttribute("aria-pressed", on);
  at("mute").textContent = on ? "Muted: unmute" : "Mute";
}

async function offerColleagues(mine) {
  if (at("colleague").dataset.provider === mine.provider) return;
  at("colleague").dataset.provider = mine.provider;
  const known = await extensionsOf(mine.provider);
  fill(at("colleague"), known.map(({ extension, name, state }) =>
    option(extension, dotted(`${extension} ${name}`, EXTENSION_STATES[state]))));
}

// A PBX that lists no extensions has those of the directory.
async function extensionsOf(provider) {
  try {
    const { content } = await api("GET", `/extensions?provider=${provider}`);
    return content.extensions.filter(({ extension }) => extension !== extensionAt(provider));
  } catch {
    return colleaguesAt(provider);
  }
}

export function startLine() {
  at("call").addEventListener("click", dial);
  at("hang-up").addEventListener("click", hangUp);
  at("mute").addEventListener("click", toggleMute);
  whenSubmitted(at("transfer"), transfer);
  hear("chosen", enableCalling);
  hear("acting", () => delete at("colleague").dataset.provider);
  setInterval(showTimer, 500);
}
