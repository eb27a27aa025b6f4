// What the outside world does: customers call, answer, hang up and write. None of it goes through the API; each button
// asks a simulator's control plane.

import { extensionAt, nameOfPbx, PBXES } from "/page/acting.js";
import { letHappen, Refusal, simulates, stateOf } from "/page/asking.js";
import { at, digitsOf, fill, hear, option, whenSubmitted } from "/page/elements.js";
import { chosen } from "/page/record.js";

const MY_EXTENSION = "";
const KEYS = { 1: ["1"], 2: ["2"], wrong: ["9"], nothing: [] };

// How each PBX's simulator is told of it.
const NETWORKS = {
  virtualats: {
    endings: { answers: "ANSWERED", misses: "NO_ANSWERED", busy: "BUSY" },
    written: abroad,
    callIn: ({ source, extension, outcome }) => ({ source, extension, outcome }),
    current: ({ calls }) => calls.findLast(({ state }) => state !== "HANGUP")?.callId,
    hangUp: (id) => ({ call_id: id }),
  },
  kobikom: {
    endings: { answers: "ANSWERED", misses: "NO ANSWER", busy: "BUSY" },
    written: atHome,
    callIn: ({ source, extension, queue, outcome }) =>
      queue ? { source, queue, outcome, answered_by: extension } : { source, extension, outcome },
    current: ({ calls }) => calls.findLast(({ going_on }) => going_on)?.unique_id,
    hangUp: (id) => ({ unique_id: id }),
  },
  verimor: {
    endings: { answers: "NORMAL_CLEARING", misses: "NO_ANSWER", busy: "USER_BUSY" },
    written: atHome,
    callIn: ({ source, extension, queue, outcome, script }) =>
      queue
        ? { source, queue, outcome, script: { ...script, answered_by: extension } }
        : { source, extension, outcome },
    current: ({ calls }) => calls.findLast(({ state }) => state !== "ended")?.call_uuid,
    hangUp: (id) => ({ call_id: id, by: "callee" }),
  },
};

const network = () => at("network").value;
const chosenNumber = () => at("theirs").value;
const told = (sentence) => (at("outside-told").textContent = sentence);

// The simulated company is a Turkish one.
function abroad(number) {
  const digits = digitsOf(number).replace(/^00/, "");
  if (digits.startsWith("0")) return `9${digits}`;
  return digits.length === 10 ? `90${digits}` : digits;
}

function atHome(number) {
  const digits = abroad(number);
  return digits.startsWith("90") ? digits.slice(1) : `00${digits}`;
}

async function happen(simulator, action, values) {
  told("");
  try {
    return await letHappen(simulator, action, values);
  } catch (refusal) {
    told(refusal.message);
    return null;
  }
}

// --- on the telephone ---

async function offerNetwork() {
  const { endings } = NETWORKS[network()];
  const { queues = [], script } = await stateOf(network());
  const mine = option(MY_EXTENSION, `extension ${extensionAt(network()) ?? "unknown"}`);
  fill(at("reaches"), [mine, ...queues.map(({ number, name }) => option(number, `queue ${number} ${name}`))]);
  at("called").value = Object.keys(endings).find((name) => endings[name] === script.outcome) ?? "answers";
  enable();
}

async function callIn(number, ending) {
  const name = network();
  const { endings, written, callIn: arguments_ } = NETWORKS[name];
  try {
    const { script } = await stateOf(name);
    const call = { source: written(number), extension: extensionAt(name), queue: at("reaches").value };
    await happen(name, "place_inbound_call", arguments_({ ...call, script, outcome: endings[ending] }));
  } catch (refusal) {
    told(refusal.message);
  }
}

const strangersNumber = () => `+90555${Math.floor(1_000_000 + Math.random() * 9_000_000)}`;

async function chooseEnding() {
  const [name, ending] = [network(), at("called").value];
  const { script } = await stateOf(name);
  await happen(name, "use_script", { script: { ...script, outcome: NETWORKS[name].endings[ending] } });
  // What was read before may have been shown since.
  at("called").value = ending;
}

async function hangUp() {
  const { current, hangUp: arguments_ } = NETWORKS[network()];
  const id = current(await stateOf(network()));
  if (id) await happen(network(), "hang_up", arguments_(id));
  else told(`No call is going on at ${nameOfPbx(network())}.`);
}

const pressKeys = () => happen("verimor", "use_contact", { script: { keys: KEYS[at("keys").value] } });

// --- on WhatsApp ---

async function customerWrites() {
  const text = at("customer-text").value.trim();
  const written = await happen("wapcrm", "customer_writes", {
    phone: abroad(chosenNumber()),
    text,
    sender_name: chosen.name,
  });
  if (written) at("customer-text").value = "";
}

async function chooseFate() {
  const ends_as = at("fate").value;
  const { script } = await stateOf("wapcrm");
  await happen("wapcrm", "use_script", { script: { ...script, ends_as } });
}

async function customerReads() {
  const { messages } = await stateOf("wapcrm");
  const unread = messages.findLast(({ phone, source }) => source === "ME" && phone === abroad(chosenNumber()));
  if (unread) await happen("wapcrm", "customer_reads", { message_id: unread.message_id });
  else told(`Nothing has been written to ${chosen.name} yet.`);
}

// --- the panel ---

function enable() {
  const reached = Boolean(extensionAt(network()));
  const numbers = chosen?.numbers ?? [];
  const numbered = numbers.length > 0;
  fill(
    at("theirs"),
    numbers.map((number) => option(number, number)),
  );
  at("they").textContent = numbered ? chosen.name : "Open a contact, a lead or an account to let them call or write.";
  at("theirs").parentElement.hidden = numbers.length < 2;
  for (const id of ["incoming", "missed"]) at(id).disabled = !reached || !numbered;
  at("stranger").disabled = !reached;
  for (const field of at("outside-messages").querySelectorAll("#customer-text, .from-customer")) {
    field.disabled = !numbered;
  }
}

// Whatever a simulator cannot tell is said in the panel, not in the browser's console.
const attempt = (act) => async () => {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    told(problem.message);
  }
};

export function startOutside() {
  const pbxes = Object.keys(PBXES).filter(simulates);
  at("outside").hidden = !pbxes.length && !simulates("wapcrm");
  at("outside-calls").hidden = !pbxes.length;
  at("outside-messages").hidden = !simulates("wapcrm");
  at("outside-campaigns").hidden = !simulates("verimor");
  fill(
    at("network"),
    pbxes.map((name) => option(name, nameOfPbx(name))),
  );
  at("network").addEventListener("change", attempt(offerNetwork));
  at("called").addEventListener("change", attempt(chooseEnding));
  at("incoming").addEventListener("click", () => callIn(chosenNumber(), "answers"));
  at("missed").addEventListener("click", () => callIn(chosenNumber(), "misses"));
  at("stranger").addEventListener("click", () => callIn(strangersNumber(), "answers"));
  at("customer-hangs-up").addEventListener("click", attempt(hangUp));
  at("keys").addEventListener("change", attempt(pressKeys));
  at("fate").addEventListener("change", attempt(chooseFate));
  at("customer-reads").addEventListener("click", attempt(customerReads));
  whenSubmitted(at("outside-write"), attempt(customerWrites));
  hear("shown", enable);
  hear("acting", followPbx);
  followPbx();
}

// Who dials through another PBX mostly wants to be called there, too.
function followPbx() {
  if (!at("network").options.length) return;
  if (simulates(at("pbx").value)) at("network").value = at("pbx").value;
  attempt(offerNetwork)();
}
