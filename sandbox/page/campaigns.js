// Campaigns, as an administrator: creating one, letting it call or stop, and what its contacts answered.

import { nameOfPbx } from "/page/acting.js";
import { api, asAdministrator } from "/page/asking.js";
import { at, button, dotted, element, fill, hear, momentOf, option, tag, whenSubmitted } from "/page/elements.js";
import { nameOf, people } from "/page/people.js";
import { atEveryLook, stayAwake } from "/page/watching.js";
import { CAMPAIGN_KINDS, CAMPAIGN_STATES, ENDINGS } from "/page/words.js";

const HANG_UP = "hangup/hangup";
const SHOWS_NUMBERS = ["verimor"]; // whose campaigns show a number of one's choice
const CREATED = "The campaign has been created and calls.";

const open = new Set(); // campaigns whose results are shown
const isShown = () => !at("campaigns").hidden;
const told = (sentence) => (at("campaigns-told").textContent = sentence);

// --- the list ---

async function refresh() {
  if (!isShown()) return;
  try {
    const { content } = await asAdministrator("GET", "/campaigns");
    const shown = content.campaigns.filter(({ campaign_id }) => open.has(campaign_id));
    const results = new Map(await Promise.all(shown.map(async ({ campaign_id: id }) => [id, await resultsOf(id)])));
    showCampaigns(content.campaigns, results);
  } catch (refusal) {
    told(refusal.message);
  }
}

async function resultsOf(id) {
  try {
    const { content } = await asAdministrator("GET", `/campaign-results?campaign_id=${encodeURIComponent(id)}`);
    return { results: content.results };
  } catch (refusal) {
    return { results: [], refused: refusal.message };
  }
}

// The list is made anew only when it says something new, so that the keyboard keeps its place.
function showCampaigns(campaigns, results) {
  const news = JSON.stringify([campaigns, [...results]]);
  if (at("campaign-list").dataset.news === news) return;
  at("campaign-list").dataset.news = news;
  const focused = document.activeElement?.dataset?.does;
  at("no-campaigns").hidden = campaigns.length > 0;
  at("campaign-list").replaceChildren(...campaigns.map((campaign) => entry(campaign, results.get(campaign.campaign_id))));
  if (focused) at("campaign-list").querySelector(`[data-does="${CSS.escape(focused)}"]`)?.focus();
}

function entry(campaign, results) {
  const { campaign_id: id, name, provider, kind, state, created_at, created_by } = campaign;
  return element(
    "li",
    { "data-campaign": id },
    element(
      "div",
      { className: "head" },
      element("span", { className: "what" }, name),
      tag(state === "on" ? "good" : "", CAMPAIGN_STATES[state] ?? state),
    ),
    element("p", { className: "facts" }, dotted(nameOfPbx(provider), CAMPAIGN_KINDS[kind], momentOf(created_at), created_by)),
    element("div", { className: "buttons" }, ...buttonsOf(id, state)),
    results && resultsEntry(results),
  );
}

function buttonsOf(id, state) {
  const one = (text, act) => button(text, act, { className: "plain", "data-does": `${text} ${id}` });
  const path = `/campaigns/${encodeURIComponent(id)}`;
  const results = one(open.has(id) ? "Hide the results" : "Results", () => toggleResults(id));
  if (state === "deleted") return [results];
  const turn = state === "on" ? one("Stop", () => change("PATCH", path, { status: "off" }))
    : one("Restart", () => change("PATCH", path, { status: "on" }));
  return [results, turn, one("Delete", () => change("DELETE", path))];
}

function toggleResults(id) {
  if (!open.delete(id)) open.add(id);
  stayAwake(60);
  refresh();
}

async function change(method, path, body) {
  told("");
  try {
    await asAdministrator(method, path, body);
    stayAwake(60);
  } catch (refusal) {
    told(refusal.message);
  }
  await refresh();
}

// --- results ---

function resultsEntry({ results, refused }) {
  if (refused) return element("p", { role: "alert" }, refused);
  if (!results.length) return element("p", { className: "quiet" }, "Nobody has been reached yet.");
  const rows = results.map((result) =>
    element(
      "tr",
      {},
      element("td", {}, nameOf(result.phone)),
      element("td", {}, answerOf(result)),
      element("td", {}, dotted(result.status, result.attempts && `attempt ${result.attempts}`, result.agent && `agent ${result.agent}`)),
    ),
  );
  const heads = ["Contact", "Answer", "The PBX says"].map((text) => element("th", { scope: "col" }, text));
  return element(
    "div",
    { className: "results" },
    element("div", { className: "tags" }, ...counted(results).map(([answer, count]) => tag("", `${answer}: ${count}`))),
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)),
  );
}

function answerOf({ digit, reason, disposition }) {
  if (reason === "no_digit") return "Pressed nothing";
  if (reason === "invalid_digit") return dotted("Pressed a wrong key", digit);
  if (digit) return `Pressed ${digit}`;
  const ending = ENDINGS[disposition];
  return ending.charAt(0).toUpperCase() + ending.slice(1);
}

function counted(results) {
  const counts = new Map();
  for (const result of results) counts.set(answerOf(result), (counts.get(answerOf(result)) ?? 0) + 1);
  return [...counts].sort();
}

// --- a new one ---

const kind = () => {
  const [provider, name] = at("campaign-kind").value.split("/");
  return { provider, name };
};

// A campaign is created once all there is to choose from is there.
async function offerChoices() {
  if (!isShown()) return;
  const { provider, name } = kind();
  enableCreating(false);
  only("menu-choices", name === "ivr");
  only("queue-choice", name === "queue");
  only("caller-id-choice", SHOWS_NUMBERS.includes(provider));
  try {
    await offerQueues(provider);
    if (SHOWS_NUMBERS.includes(provider)) await offerCallerIds(provider);
    if (name === "ivr") await offerAnnouncements(provider);
    enableCreating(true);
  } catch (refusal) {
    told(refusal.message);
  }
}

function enableCreating(yes) {
  at("new-campaign").querySelector("button").disabled = !yes;
}

// What is hidden is disabled, too: the browser would wait for it to be filled in.
function only(id, shown) {
  at(id).hidden = !shown;
  for (const field of at(id).querySelectorAll("select")) field.disabled = !shown;
}

async function offerQueues(provider) {
  const { content } = await asAdministrator("GET", `/queues?provider=${provider}`);
  const options = (value) => content.queues.map(({ queue, name }) => option(value(queue), `${queue} ${name}`));
  fill(at("campaign-queue"), options((queue) => queue));
  for (const id of ["key-1", "key-2"]) {
    fill(at(id), [option(HANG_UP, "hang up"), ...options((queue) => `queue/${queue}`)]);
  }
}

async function offerCallerIds(provider) {
  const { content } = await api("GET", `/caller-ids?provider=${provider}`);
  fill(at("caller-id"), content.caller_ids.map((number) => option(number, number)));
}

async function offerAnnouncements(provider) {
  const { content } = await asAdministrator("GET", `/announcements?provider=${provider}`);
  fill(at("announcement"), content.announcements.map(({ id, name }) => option(id, name)));
}

function offerContacts() {
  const boxes = people
    .filter(({ numbers }) => numbers.length)
    .map(({ key, name, numbers }) =>
      element(
        "label",
        {},
        element("input", { type: "checkbox", name: "contact", value: key }),
        element("span", {}, name),
        element("small", {}, numbers[0].number),
      ),
    );
  at("campaign-contacts").replaceChildren(...boxes);
}

function newCampaign() {
  const { provider, name } = kind();
  const ticked = [...at("campaign-contacts").querySelectorAll(":checked")].map(({ value }) => value);
  const contacts = people.filter(({ key }) => ticked.includes(key));
  const phones = contacts.map(({ numbers }) => ({ phone: numbers[0].number }));
  const order = { name: at("campaign-name").value.trim(), provider, kind: name };
  const queue = at("campaign-queue").value;
  if (provider === "kobikom") {
    const named = phones.map((contact, index) => ({ ...contact, name: contacts[index].name }));
    return { ...order, queue, ...roundTheClock(), retries: 1, contacts: named };
  }
  const shown = { ...order, caller_id: at("caller-id").value, contacts: phones };
  if (name === "queue") return { ...shown, queue, agents_multiplier: 1 };
  const targets = { 1: at("key-1").value, 2: at("key-2").value };
  return { ...shown, announcement_id: at("announcement").value, targets };
}

// Kobikom needs to be told when it may call.
function roundTheClock() {
  const days = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Istanbul" });
  const [today, tomorrow] = [0, 1].map((days_on) => days.format(Date.now() + days_on * 86_400_000));
  return { start_date: today, end_date: tomorrow, start_time: "00:00", end_time: "23:59" };
}

async function create() {
  enableCreating(false);
  told("");
  try {
    const { content } = await asAdministrator("POST", "/campaigns", newCampaign());
    open.add(content.campaign_id);
    const failed = content.contacts.filter(({ state }) => state !== "added");
    told(failed.length ? `${failed.length} of ${content.contacts.length} contacts were not taken.` : CREATED);
    at("new-campaign").reset();
    stayAwake(120);
    offerChoices();
  } catch (refusal) {
    told(refusal.message);
    enableCreating(true);
  }
  await refresh();
}

export function startCampaigns() {
  at("campaign-kind").addEventListener("change", offerChoices);
  whenSubmitted(at("new-campaign"), create);
  hear("people", offerContacts);
  atEveryLook(refresh);
  hear("chosen", () => {
    refresh();
    offerChoices();
  });
}
