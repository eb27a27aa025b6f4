// The buttons of lists and records. Each runs its function on Zoho's side (functions.py; in Zoho, zoho/functions) and
// shows the sentence that comes back.

import { acting, colleaguesAt, nameOfPbx, PBXES, pbx } from "/page/acting.js";
import { invokeConnection, Refusal, runFunction, simulates } from "/page/asking.js";
import { at, button, element, option, tell, whenSubmitted } from "/page/elements.js";
import { MODULES, numbersOf } from "/page/modules.js";

const API_AS_QUERY = 1; // param_type of a request by a Connection
const WITH_CAMPAIGNS_BY_QUEUE = ["kobikom", "verimor"];

// --- on a record ---

export function offerRecordButtons(into, chosen) {
  if (MODULES[chosen.module].called) offerPersonButtons(into, chosen);
  else if (chosen.record.Santral_Call_ID) offerCallButtons(into, chosen.record);
}

function offerPersonButtons(into, { module, id, numbers }) {
  const number = element("select", { "aria-label": "Number" }, ...numbers.map((each) => option(each, each)));
  const run = (action, given) => press(action, { record: { module, id }, arguments: given });
  const to = () => ({ to: number.value });
  const offered = [
    ["Call", () => run("call", { ...to(), provider: pbx() })],
    ["Hang up", () => run("hang_up", {})],
    ["Transfer", () => ask("Transfer the call", [colleague()], (given) => run("transfer", given))],
    [
      "WhatsApp text",
      () => ask("Write on WhatsApp", [message()], (given) => run("send_message", { ...to(), ...given })),
    ],
    [
      "WhatsApp file",
      () =>
        ask("Send a file on WhatsApp", [file()], async (given) =>
          run("send_file", { ...to(), ...(await readFile(given.file)) }),
        ),
    ],
    ["Play last recording", () => run("play_recording", { phone: number.value })],
  ];
  into.replaceChildren(
    ...(numbers.length > 1 ? [number] : []),
    ...offered.map(([text, act]) =>
      button(text, attempt(act), { disabled: !numbers.length, className: text === "Call" ? "primary" : "" }),
    ),
  );
}

function offerCallButtons(into, { Santral_Call_ID: call_id }) {
  const save = (given) => press("save_outcome", { arguments: { call_id, ...outcomeOf(given) } });
  into.replaceChildren(
    button(
      "Call outcome",
      attempt(async () => ask("How did the call turn out?", await outcome(), save)),
    ),
  );
}

const colleague = () =>
  choice(
    "to_extension",
    "Colleague",
    colleaguesAt(pbx()).map(({ extension, name }) => option(extension, `${extension} ${name}`)),
  );
const message = () =>
  labelled("Message", element("textarea", { name: "text", rows: 3, maxLength: 1000, required: true }));
const file = () => labelled("File", element("input", { type: "file", name: "file", required: true }));

async function outcome() {
  const { outcomes } = await asked("santral", "/call-outcomes");
  const choices = outcomes.flatMap(({ id, name, children }) => [
    option(`${id}`, name),
    ...children.map((child) => option(`${id}/${child.id}`, `${name}: ${child.name}`)),
  ]);
  const note = element("textarea", { name: "note", rows: 2, maxLength: 2000 });
  return [choice("result", "Result", choices), labelled("Note", note)];
}

function outcomeOf({ result, note }) {
  const [result_id, child_result_id] = result.split("/").map(Number);
  return { result_id, child_result_id, note: note || undefined };
}

async function readFile(chosen) {
  const address = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.readAsDataURL(chosen);
  });
  return {
    file_name: chosen.name,
    content_type: chosen.type || "application/octet-stream",
    content: address.split(",")[1],
  };
}

// --- on a list ---

export function offerListButtons(into, selected) {
  const campaign = button(
    "Campaign",
    attempt(async () => createCampaign(selected())),
    { className: "primary" },
  );
  into.replaceChildren(campaign);
  return () => (campaign.disabled = !selected().length);
}

async function createCampaign(leads) {
  const callable = leads.filter((lead) => numbersOf(lead).length);
  const name = element("input", { name: "name", required: true, maxLength: 128, autocomplete: "off" });
  const title = `A campaign for ${leads.length} selected`;
  ask(title, [labelled("Name", name), choice("queue", "Queue", await queues())], async (given) => {
    const settings = await settingsOf(given.queue);
    const [phones, lead_ids] = [callable.map((lead) => numbersOf(lead)[0]), callable.map(({ id }) => id)];
    return press("create_campaign", { arguments: { name: given.name, settings, phones, lead_ids } });
  });
}

async function queues() {
  const providers = WITH_CAMPAIGNS_BY_QUEUE.filter((provider) => provider in PBXES && simulates(provider));
  const pages = await Promise.all(
    providers.map(async (provider) => [provider, await asked("santral_admin", "/queues", { provider })]),
  );
  return pages.flatMap(([provider, page]) =>
    page.queues.map(({ queue, name }) => option(`${provider}/${queue}`, `${nameOfPbx(provider)}: ${queue} ${name}`)),
  );
}

// What the administrator writes down once for the button in Zoho.
async function settingsOf(chosen) {
  const [provider, queue] = chosen.split("/");
  const settings = { provider, kind: "queue", queue };
  if (provider === "kobikom") return { ...settings, start_time: "00:00", end_time: "23:59", retries: 1 };
  const { caller_ids } = await asked("santral", "/caller-ids", { provider });
  return { ...settings, caller_id: caller_ids[0], agents_multiplier: 1 };
}

// --- pressing ---

async function press(action, pressed) {
  say("…");
  const { sentence, ok, opens } = await runFunction(action, { user: acting().email, ...pressed });
  say(sentence, ok);
  if (opens)
    at("said").append(element("audio", { controls: true, autoplay: true, src: opens, "aria-label": "Recording" }));
  tell("records");
}

// Whatever cannot be done is said where a function says its sentence, not in the browser's console.
const attempt = (act) => async () => {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    say(problem.message, false);
  }
};

function say(sentence, ok = true) {
  at("said").className = ok ? "" : "bad";
  const close = button("×", () => at("said").replaceChildren(), { "aria-label": "Close" });
  at("said").replaceChildren(element("p", {}, sentence), close);
}

async function asked(connection, path, parameters) {
  const data = { url: location.origin + path, method: "GET", param_type: API_AS_QUERY };
  if (parameters) data.parameters = JSON.stringify(parameters);
  data.headers = JSON.stringify({ "X-Crm-User": acting().email });
  const { code, details } = await invokeConnection(connection, { user: acting().email, data });
  if (code !== "SUCCESS") throw new Refusal(`This needs the connection ${connection}, which administrators have.`);
  if (details.status !== "true") throw new Refusal(details.statusMessage?.detail ?? details.statusMessage?.message);
  return details.statusMessage;
}

// --- asking the person ---

const labelled = (text, field) => element("label", {}, text, " ", field);
const choice = (name, text, options) => labelled(text, element("select", { name, required: true }, ...options));

function ask(title, fields, act) {
  const form = element("form", {}, element("h2", {}, title), ...fields, element("div", { className: "buttons" }));
  const dialog = element("dialog", { "aria-label": title }, form);
  const done = () => dialog.close();
  form.lastElementChild.append(element("button", { className: "primary" }, "OK"), button("Cancel", done));
  whenSubmitted(form, () => {
    const given = Object.fromEntries(new FormData(form));
    done();
    attempt(() => act(given))();
  });
  // The focus goes back to the button that was pressed.
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
