// The CRM page. Every button is one real request to the API or, under /page/, to a simulator; nothing is made up here.
// Whatever is shown is set as text, never as markup.

const CALL_STATES = { requested: "Requested", ringing: "Ringing", answered: "Answered", ended: "Ended" };
const ENDINGS = {
  answered: "answered",
  no_answer: "not answered",
  busy: "busy",
  rejected: "rejected",
  failed: "failed",
  unknown: "outcome unknown",
};
const DIRECTIONS = { inbound: "Incoming call", outbound: "Outgoing call", internal: "Internal call" };
const CRM_TYPES = { Inbound: "Incoming call", Outbound: "Outgoing call", Missed: "Missed call" };
const RECORDINGS = { unavailable: "The recording could not be fetched.", erased: "The recording has been erased." };
const FIELDS = { to: "The number", text: "The message", extension: "The extension" };
// What the gateway answers by itself carries no sentence for a person.
const GATEWAY_SENTENCES = {
  401: "You are not signed in to the telephone system. Reload the page.",
  403: "You are not allowed to do this. Reload the page, or ask your administrator.",
  404: "The telephone system does not know this action.",
  413: "This is too large to be sent.",
  429: "That was too much at once. Please wait a moment.",
  500: "Something went wrong in the telephone system. Look before you try again.",
  503: "The telephone system did not answer in time. Look before you try again.",
};
// Refusals that leave open whether it happened; so does an answer that never came.
const UNCERTAIN = ["outcome_unknown", "in_progress", "internal_error", "conflict"];
const REPEATED = "This is the call of a moment ago. Wait a few seconds before you call this number again.";
const LOOK_AGAIN = 600;
const PATIENCE = 15_000;
const CRM_PATIENCE = 60_000;

const at = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const calendar = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

let sandbox; // what /page/sandbox.json says
let people = [];
let chosen = null; // the person on the card
let line = { callId: null }; // the call the line shows; a new object takes the line over
let rows = new Map(); // the call log on the card, by call id
let unsent = []; // messages on their way, and those that failed

// --- asking ---

class Refusal extends Error {
  constructor(sentence, status = 0, code = "") {
    super(sentence);
    this.status = status;
    this.mayHaveHappened = code ? UNCERTAIN.includes(code) : status === 0 || status >= 500;
  }
}

async function ask(method, url, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal("The telephone system cannot be reached. Is the sandbox still running?");
  }
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(sentenceOf(answer.status, content), answer.status, content?.code);
  return { status: answer.status, content, retryAfter: Number(answer.headers.get("Retry-After")) };
}

function sentenceOf(status, content) {
  if (content?.detail) {
    const wrong = (content.errors ?? []).map(({ field, message }) => `${FIELDS[field] ?? `“${field}”`} ${message}`);
    return [content.detail, ...wrong].join(" ");
  }
  return content?.error ?? GATEWAY_SENTENCES[status] ?? `The telephone system answered with an error (${status}).`;
}

const api = (method, path, body) =>
  ask(method, path, body, { Authorization: `Bearer ${sandbox.agent_token}`, "X-Crm-User": at("user").value });

const simulates = (name) => sandbox.simulators.includes(name);
const recordsOf = async (module) => (simulates("zoho") ? (await ask("GET", `/page/crm/${module}`)).content : []);

// --- making elements ---

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

const option = (value, text) => element("option", { value }, text);
const momentOf = (text) => `${calendar.format(new Date(text))}, ${clock.format(new Date(text))}`;
const duration = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const dotted = (...parts) => parts.filter(Boolean).join(" · ");
const digitsOf = (number) => number.replace(/\D/g, "");

// --- people ---

function personOf(module, record) {
  return {
    module,
    id: record.id,
    key: `#${module}/${record.id}`,
    name: record.Full_Name || record.Last_Name,
    company: record.Account_Name?.name ?? record.Company ?? "",
    owner: record.Owner?.name ?? "",
    numbers: ["Mobile", "Phone"].map((label) => ({ label, number: record[label] })).filter(({ number }) => number),
  };
}

async function loadPeople() {
  const [contacts, leads] = await Promise.all([recordsOf("Contacts"), recordsOf("Leads")]);
  people = [
    ...contacts.map((record) => personOf("Contacts", record)),
    ...leads.map((record) => personOf("Leads", record)),
  ];
  showPeople();
}

function showPeople() {
  const sought = at("search").value.trim().toLocaleLowerCase("tr");
  const fits = (person) =>
    [person.name, person.company, ...person.numbers.flatMap(({ number }) => [number, digitsOf(number)])].some((text) =>
      text.toLocaleLowerCase("tr").includes(sought),
    );
  const groups = ["Contacts", "Leads"].flatMap((module) => {
    const found = people.filter((person) => person.module === module && fits(person));
    return found.length ? [element("h2", {}, module), element("ul", {}, ...found.map(personEntry))] : [];
  });
  const nobody = people.length ? "Nobody is called so." : "There is nobody in the simulated CRM.";
  at("groups").replaceChildren(...(groups.length ? groups : [element("p", { className: "quiet" }, nobody)]));
  markChosen();
}

function personEntry(person) {
  const initials = person.name.split(/\s+/).slice(0, 2).map((part) => [...part][0] ?? "").join("");
  const link = element(
    "a",
    { href: person.key },
    element("span", { className: "initials", "aria-hidden": "true" }, initials.toLocaleUpperCase("tr")),
    element("span", { className: "who" }, person.name),
    person.company && element("span", { className: "where" }, person.company),
    element("span", { className: "where" }, person.numbers[0]?.number ?? "no number"),
  );
  return element("li", {}, link);
}

// Not by making the list anew, which would lose the keyboard's place in it.
function markChosen() {
  for (const link of at("groups").querySelectorAll("a")) {
    if (link.getAttribute("href") === chosen?.key) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function choose() {
  chosen = people.find((person) => person.key === location.hash) ?? null;
  document.body.dataset.view = chosen ? "card" : "list";
  document.title = chosen ? `${chosen.name} – Santral` : "Santral";
  at("card").hidden = !chosen;
  at("nobody").hidden = Boolean(chosen);
  markChosen();
  enableButtons();
  if (chosen) showCard();
}

function showCard() {
  at("name").textContent = chosen.name;
  const kind = chosen.module === "Contacts" ? "Contact" : "Lead";
  at("about").textContent = dotted(kind, chosen.company, chosen.owner && `looked after by ${chosen.owner}`);
  const choices = chosen.numbers.map(({ label, number }, index) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "number", value: number, checked: index === 0 }),
      element("span", {}, number),
      element("small", {}, label.toLowerCase()),
    ),
  );
  at("numbers").replaceChildren(
    element("legend", {}, "Number"),
    ...(choices.length ? choices : [element("span", { className: "quiet" }, "There is none in the CRM.")]),
  );
  rows = new Map();
  unsent = [];
  at("calls").replaceChildren();
  at("messages").replaceChildren();
  at("text").value = "";
  at("calls-told").textContent = "Loading the calls…";
  at("messages-told").textContent = "Loading the messages…";
  refreshCalls();
  refreshMessages();
  // On a narrow screen the card takes the list's place.
  if (!at("people").offsetParent) at("name").focus();
}

const chosenNumber = () => document.querySelector("#numbers input:checked")?.value ?? "";

function actingUser() {
  const user = sandbox.users.find(({ email }) => email === at("user").value);
  return { ...user, extension: user?.extensions.virtualats?.[0] };
}

function enableButtons() {
  const reachable = Boolean(chosen?.numbers.length);
  const canRing = simulates("virtualats") && Boolean(actingUser().extension);
  at("call").disabled = !reachable || line.busy;
  for (const id of ["incoming", "missed"]) at(id).disabled = !canRing || !reachable;
  at("stranger").disabled = !canRing;
}

// --- the line ---

function takeLine(name) {
  line = { name, busy: true, callId: null, askedAt: Date.now(), answeredAt: null, endedAt: null };
  showLine("requested", `Calling ${name}…`);
  enableButtons();
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
}

function showProblem(words, sentence) {
  line.busy = false;
  showLine("problem", words, sentence);
  enableButtons();
}

function showTimer() {
  const since = line.answeredAt ?? (line.busy ? line.askedAt : null);
  at("timer").textContent = since ? duration(Math.max(0, (line.endedAt ?? Date.now()) - since) / 1000) : "";
}

// No idempotency key is sent: the API takes the same user, extension and number within 15 s for the same click, also
// when it comes from another tab. A key per click would make a second ring of it.
async function dial() {
  const person = chosen;
  const former = line.callId;
  const mine = takeLine(person.name);
  const record = { module: person.module, id: person.id, name: person.name };
  try {
    const { content } = await api("POST", "/calls", { to: chosenNumber(), record });
    mine.callId = content.call_id;
  } catch (refusal) {
    const words = refusal.mayHaveHappened ? `${person.name} may be ringing` : `${person.name} was not called`;
    if (line === mine) showProblem(words, refusal.message);
    return;
  }
  mine.repeated = mine.callId === former;
  await follow(mine);
}

async function follow(mine) {
  let heardAt = Date.now();
  for (;;) {
    try {
      const { content } = await api("GET", `/calls/${mine.callId}`);
      if (line !== mine) return;
      heardAt = Date.now();
      showCall(mine, content);
      if (content.state === "ended") break;
    } catch (refusal) {
      if (line !== mine) return;
      // A call that comes in is known only once the exchange has told us.
      if (Date.now() - heardAt > PATIENCE) {
        showProblem(`Nothing is heard of the call with ${mine.name}`, refusal.message);
        return;
      }
    }
    await pause(LOOK_AGAIN);
  }
  enableButtons();
  if (simulates("zoho") && !mine.repeated) watchForRecord(mine);
}

function showCall(mine, call) {
  const { name } = mine;
  const inbound = call.direction === "inbound";
  const answered = call.state === "answered" || call.disposition === "answered";
  if (answered) mine.answeredAt ??= Date.parse(call.answered_at) || Date.now();
  if (call.state === "ended") {
    mine.busy = false;
    mine.endedAt = mine.answeredAt && mine.answeredAt + (call.talk_seconds ?? 0) * 1000;
  }
  const words = {
    requested: `Calling ${name}…`,
    ringing: inbound ? `${name} is calling` : `Ringing ${name}`,
    answered: `On the phone with ${name}`,
    ended: `The call with ${name} has ended: ${ENDINGS[call.disposition]}`,
  };
  // Said once, or a screen reader would repeat it with every look.
  if (at("line").dataset.state === call.state && at("line-state").textContent === words[call.state]) return;
  const numbers = dotted(inbound ? call.from : call.to, call.extension && `extension ${call.extension}`);
  const ending = mine.repeated ? REPEATED : "";
  showLine(call.state, words[call.state], call.state === "ended" ? ending : numbers);
  refreshCalls();
}

async function watchForRecord(mine) {
  const giveUpAt = Date.now() + CRM_PATIENCE;
  const told = (sentence) => {
    if (line === mine) at("line-sentence").textContent = sentence;
  };
  told("Being written to the CRM…");
  while (Date.now() < giveUpAt) {
    const calls = await recordsOf("Calls").catch(() => []);
    if (calls.some((call) => call.Santral_Call_ID === mine.callId)) {
      told("Written to the CRM.");
      await refreshCalls();
      if (mine.fromStranger) await loadPeople();
      return;
    }
    await pause(LOOK_AGAIN);
  }
  told("Not in the CRM yet. It will be written as soon as the CRM takes it.");
  refreshCalls();
}

// --- the call log: the ledger's calls and the CRM's, joined by call id ---

let latestAsking = 0;

async function refreshCalls() {
  const person = chosen;
  if (!person) return;
  const asking = ++latestAsking;
  try {
    const [records, ...pages] = await Promise.all([
      recordsOf("Calls"),
      ...person.numbers.map(({ number }) => api("GET", `/calls?${new URLSearchParams({ phone: number })}`)),
    ]);
    // Answers may overtake each other; the oldest must not have the last word.
    if (asking !== latestAsking || person !== chosen) return;
    const own = records.filter((record) => [record.Who_Id?.id, record.What_Id?.id].includes(person.id));
    showCalls(joined(pages.flatMap(({ content }) => content.calls), own, records));
  } catch (refusal) {
    if (asking === latestAsking) at("calls-told").textContent = refusal.message;
  }
}

function joined(ledger, own, records) {
  const keyOf = (record) => record.Santral_Call_ID ?? record.id;
  const calls = new Map(ledger.map((call) => [call.call_id, call]));
  const keys = new Set([...calls.keys(), ...own.map(keyOf)]);
  const entries = [...keys].map((key) => ({
    key,
    call: calls.get(key),
    records: records.filter((record) => keyOf(record) === key),
  }));
  const start = ({ call, records: [record] }) => Date.parse(call?.started_at ?? record.Call_Start_Time);
  return entries.sort((one, other) => start(other) - start(one));
}

function showCalls(found) {
  at("calls-told").textContent = found.length ? "" : "No calls yet.";
  for (const [position, entry] of found.entries()) {
    const row = rows.get(entry.key) ?? newRow(entry.key);
    fillRow(row, entry);
    // Rows that stand right are not moved: moving one would stop its recording.
    const there = at("calls").children[position];
    if (there !== row.item) at("calls").insertBefore(row.item, there ?? null);
  }
}

function newRow(key) {
  const text = element("div");
  const sound = element("div", { className: "sound" });
  const row = { text, sound, recording: null, item: element("li", { "data-call": key }, text, sound) };
  rows.set(key, row);
  return row;
}

function fillRow(row, { call, records }) {
  const record = records[0];
  const missed = record?.Call_Type === "Missed";
  const what = missed ? "Missed call" : DIRECTIONS[call?.direction] ?? CRM_TYPES[record?.Call_Type] ?? "Call";
  const ending = call?.state === "ended" && !missed && call.disposition !== "answered" ? ENDINGS[call.disposition] : "";
  const going = call && call.state !== "ended" ? CALL_STATES[call.state].toLowerCase() : "";
  const talked = call?.talk_seconds ? duration(call.talk_seconds) : record?.Call_Duration;
  const facts = dotted(
    talked && !missed && `${talked} min`,
    record && `owner ${record.Owner?.name}`,
    call?.extension && `extension ${call.extension}`,
    call && (call.direction === "inbound" ? `from ${call.from}` : `to ${call.to}`),
    call?.record && call.record.id !== chosen.id && `logged on ${call.record.name ?? "another record"}`,
  );
  const link = record?.Voice_Recording__s;
  row.text.replaceChildren(
    element(
      "div",
      { className: "head" },
      element("span", { className: "what" }, [what, ending || going].filter(Boolean).join(", ")),
      element("time", { className: "facts" }, momentOf(call?.started_at ?? record.Call_Start_Time)),
    ),
    element("p", { className: "facts" }, facts),
    element(
      "div",
      { className: "tags" },
      tag(call ? "good" : "", call ? "Ledger ✓" : "Not in the ledger"),
      simulates("zoho") && crmTag(records.length, call),
      link && /^https?:/.test(link) && newTab(link, "Recording link in the CRM"),
    ),
  );
  if (call && call.recording !== row.recording) offerRecording(row, call);
}

const newTab = (href, text) => element("a", { href, target: "_blank", rel: "noreferrer" }, text);
const tag = (kind, text) => element("span", { className: `tag ${kind}` }, text);

function crmTag(count, call) {
  if (count > 1) return tag("bad", `CRM: ${count} records`);
  if (count === 1) return tag("good", "CRM ✓");
  return tag("", call?.state === "ended" ? "Not in the CRM yet" : "Goes to the CRM when it ends");
}

// --- recordings ---

function offerRecording(row, call) {
  const wasThere = ["pending", "ready"].includes(row.recording);
  row.recording = call.recording;
  if (["pending", "ready"].includes(call.recording)) {
    if (!wasThere) row.sound.replaceChildren(playButton(row, call.call_id));
  } else {
    row.sound.replaceChildren(RECORDINGS[call.recording] ?? "");
  }
}

function playButton(row, callId) {
  const button = element("button", { type: "button" }, "▶ Play the recording");
  button.addEventListener("click", () => play(row, callId));
  return button;
}

async function play(row, callId) {
  const told = element("p", { className: "quiet", role: "status" }, "Fetching the recording…");
  row.sound.replaceChildren(told);
  try {
    const giveUpAt = Date.now() + CRM_PATIENCE;
    let answer = await api("GET", `/calls/${callId}/recording`);
    while (answer.status === 202 && Date.now() < giveUpAt) {
      told.textContent = "The recording is still being fetched…";
      await pause((answer.retryAfter || 5) * 1000);
      answer = await api("GET", `/calls/${callId}/recording`);
    }
    if (answer.status === 202) throw new Refusal("The recording is not there yet. Please try again later.");
    showPlayer(row, callId, answer.content.url);
  } catch (refusal) {
    row.sound.replaceChildren(element("p", { role: "alert" }, refusal.message));
    if (![404, 410].includes(refusal.status)) row.sound.append(playButton(row, callId));
  }
}

function showPlayer(row, callId, url) {
  const player = element("audio", { controls: true, src: url, "aria-label": "Recording of the call" });
  player.addEventListener("error", () => {
    const sentence = "The recording could not be played. Its link may have expired.";
    row.sound.replaceChildren(element("p", { role: "alert" }, sentence), playButton(row, callId));
  });
  row.sound.replaceChildren(player);
  player.focus();
  player.play().catch(() => {}); // the browser may want another click; the player is there for it
}

// --- WhatsApp ---

async function refreshMessages() {
  const person = chosen;
  let delivered = [];
  try {
    if (simulates("wapcrm")) delivered = (await ask("GET", "/page/simulators/wapcrm")).content.messages;
    if (person !== chosen) return;
    const ends = person.numbers.map(({ number }) => digitsOf(number).replace(/^0+/, ""));
    delivered = delivered.filter(({ phone }) => ends.some((end) => end && phone.endsWith(end)));
    at("messages-told").textContent = delivered.length || unsent.length ? "" : "No messages yet.";
  } catch (refusal) {
    if (person !== chosen) return;
    at("messages-told").textContent = refusal.message;
  }
  at("messages").replaceChildren(
    ...delivered.map((message) => {
      const ours = message.source === "ME";
      const when = clock.format(new Date(message.at));
      return bubble(ours ? "ours" : "", message.text || message.file_name, dotted(when, ours && "accepted by WapCRM"));
    }),
    ...unsent.map(({ text, state, failed }) => bubble(failed ? "ours failed" : "ours", text, state)),
  );
  at("messages").lastElementChild?.scrollIntoView({ block: "nearest" });
}

const bubble = (kind, text, state) => element("li", { className: kind }, text, element("small", {}, state));

async function send() {
  const person = chosen;
  const text = at("text").value.trim();
  if (!text) return;
  const message = { text, state: "Sending…", failed: false };
  unsent = [...unsent.filter(({ failed }) => !failed), message];
  at("text").value = "";
  sendable(false);
  refreshMessages();
  try {
    const record = { module: person.module, id: person.id, name: person.name };
    const { content } = await api("POST", "/messages", { to: chosenNumber(), text, record });
    message.state = `${clock.format(new Date())} · ${content.state}`;
    // What has arrived is shown from there.
    if (simulates("wapcrm")) unsent = unsent.filter((other) => other !== message);
  } catch (refusal) {
    message.state = refusal.message;
    message.failed = true;
    // A message that may have gone out is not offered again.
    if (person === chosen && !refusal.mayHaveHappened) at("text").value = text;
  }
  sendable(true);
  await refreshMessages();
}

function sendable(yes) {
  at("write").querySelector("button").disabled = !yes;
}

// --- what happens outside ---

async function simulate(action, values) {
  at("simulation-told").textContent = "";
  try {
    return (await ask("POST", `/page/simulators/virtualats/${action}`, values)).content;
  } catch (refusal) {
    at("simulation-told").textContent = refusal.message;
    return null;
  }
}

async function callIn(name, source, outcome) {
  const id = await simulate("place_inbound_call", { source, extension: actingUser().extension, outcome });
  if (!id) return;
  const mine = takeLine(name);
  mine.fromStranger = !people.some((person) => person.name === name);
  mine.callId = `virtualats:${id}`;
  showLine("requested", `${name} is calling`);
  await follow(mine);
}

const callFromChosen = (outcome) => callIn(chosen.name, digitsOf(chosenNumber()), outcome);

function callFromStranger() {
  const number = `90555${Math.floor(1_000_000 + Math.random() * 9_000_000)}`;
  return callIn(`+${number}`, number, "ANSWERED");
}

let script; // how the exchange lets the next calls go

async function readScript() {
  at("simulation").hidden = !simulates("virtualats");
  if (!simulates("virtualats")) return;
  script = (await ask("GET", "/page/simulators/virtualats")).content.script;
  at("outcome").value = script.outcome;
}

function chooseOutcome() {
  script = { ...script, outcome: at("outcome").value };
  return simulate("use_script", { script });
}

// --- the system ---

async function check() {
  const told = (kind, words) => {
    at("system").className = kind;
    at("system-summary").textContent = words;
  };
  told("", "Checking the system…");
  at("check-again").disabled = true;
  try {
    const { content } = await api("GET", "/status");
    at("checks").replaceChildren(...content.checks.map(checkEntry));
    const failing = content.checks.filter(({ ok }) => !ok).length;
    if (content.ok) told("good", "System works");
    else told("bad", `System: ${failing} of ${content.checks.length} need attention`);
  } catch (refusal) {
    told("bad", "System: not known");
    at("checks").replaceChildren(element("li", {}, element("p", { role: "alert" }, refusal.message)));
  }
  at("check-again").disabled = false;
}

function checkEntry({ name, ok, sentence, fix }) {
  const verdict = element("span", { className: "verdict" }, ok ? "works" : "needs attention");
  return element(
    "li",
    { className: ok ? "good" : "bad" },
    element("span", { className: "dot", "aria-hidden": "true" }),
    element("p", {}, element("strong", {}, name), " ", verdict),
    element("p", {}, sentence),
    fix && element("p", { className: "quiet" }, fix),
  );
}

// --- start ---

async function start() {
  sandbox = (await ask("GET", "/page/sandbox.json")).content;
  at("user").replaceChildren(
    ...sandbox.users.map(({ email, extensions }) => {
      const extension = extensions.virtualats?.[0];
      return option(email, extension ? `${email} (${extension})` : email);
    }),
  );
  at("user").addEventListener("change", enableButtons);
  at("search").addEventListener("input", showPeople);
  at("call").addEventListener("click", dial);
  at("refresh").addEventListener("click", refreshCalls);
  at("check-again").addEventListener("click", check);
  at("system").addEventListener("toggle", () => at("system").open && check());
  at("system").addEventListener("keydown", ({ key }) => {
    if (key === "Escape") at("system").open = false;
  });
  at("outcome").addEventListener("change", chooseOutcome);
  at("incoming").addEventListener("click", () => callFromChosen("ANSWERED"));
  at("missed").addEventListener("click", () => callFromChosen("NO_ANSWERED"));
  at("stranger").addEventListener("click", callFromStranger);
  at("write").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  window.addEventListener("hashchange", choose);
  setInterval(showTimer, 500);
  check();
  await Promise.all([loadPeople(), readScript()]);
  choose();
}

start().catch((refusal) => {
  at("groups").replaceChildren(element("p", { role: "alert" }, refusal.message));
});
