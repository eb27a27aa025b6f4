// The calls of the person on the card: the ledger's and the CRM's, joined by call id.

import { nameOfPbx } from "/page/acting.js";
import { api, recordsOf, simulates } from "/page/asking.js";
import { at, dotted, duration, element, hear, momentOf, newTab, tag } from "/page/elements.js";
import { offerOutcome } from "/page/outcomes.js";
import { chosen } from "/page/people.js";
import { offerRecording } from "/page/recordings.js";
import { CALL_STATES, CRM_TYPES, DIRECTIONS, ENDINGS } from "/page/words.js";

let rows = new Map(); // by call id
let latestAsking = 0;

function start() {
  rows = new Map();
  at("calls").replaceChildren();
  at("calls-told").textContent = "Loading the calls…";
  refresh();
}

async function refresh() {
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
  dropRowsBut(found);
  for (const [position, entry] of found.entries()) {
    const row = rows.get(entry.key) ?? newRow(entry.key);
    fillRow(row, entry);
    // Rows that stand right are not moved: moving one would stop its recording.
    const there = at("calls").children[position];
    if (there !== row.item) at("calls").insertBefore(row.item, there ?? null);
  }
}

// A call that went by another id is listed under its new one.
function dropRowsBut(found) {
  const keys = new Set(found.map(({ key }) => key));
  for (const [key, row] of rows) {
    if (keys.has(key)) continue;
    row.item.remove();
    rows.delete(key);
  }
}

function newRow(key) {
  const text = element("div");
  const sound = element("div", { className: "sound" });
  const outcome = element("div", { className: "outcome" });
  const row = { text, sound, outcome, recording: null, item: element("li", { "data-call": key }, text, sound, outcome) };
  rows.set(key, row);
  return row;
}

function fillRow(row, { call, records }) {
  const record = records[0];
  const missed = record?.Call_Type === "Missed";
  const what = missed ? "Missed call" : DIRECTIONS[call?.direction] ?? CRM_TYPES[record?.Call_Type] ?? "Call";
  const ending = call?.state === "ended" && !missed && call.disposition !== "answered" ? ENDINGS[call.disposition] : "";
  const going = call && call.state !== "ended" ? CALL_STATES[call.state].toLowerCase() : "";
  const link = record?.Voice_Recording__s;
  row.text.replaceChildren(
    element(
      "div",
      { className: "head" },
      element("span", { className: "what" }, [what, ending || going].filter(Boolean).join(", ")),
      element("time", { className: "facts" }, momentOf(call?.started_at ?? record.Call_Start_Time)),
    ),
    element("p", { className: "facts" }, factsOf(call, record, missed)),
    element(
      "div",
      { className: "tags" },
      tag(call ? "good" : "", call ? "Ledger ✓" : "Not in the ledger"),
      simulates("zoho") && crmTag(records.length, call),
      link && /^https?:/.test(link) && newTab(link, "Recording link in the CRM"),
    ),
  );
  if (call && call.recording !== row.recording) offerRecording(row, call);
  if (call) offerOutcome(row, call);
}

function factsOf(call, record, missed) {
  const talked = call?.talk_seconds ? duration(call.talk_seconds) : record?.Call_Duration;
  return dotted(
    talked && !missed && `${talked} min`,
    call && nameOfPbx(call.provider),
    record && `owner ${record.Owner?.name}`,
    call?.extension && `extension ${call.extension}`,
    call?.queue && `queue ${call.queue}`,
    call && (call.direction === "inbound" ? `from ${call.from}` : `to ${call.to}`),
    call?.transferred_to && `handed over to ${call.transferred_to}`,
    call?.record && call.record.id !== chosen.id && `logged on ${call.record.name ?? "another record"}`,
  );
}

function crmTag(count, call) {
  if (count > 1) return tag("bad", `CRM: ${count} records`);
  if (count === 1) return tag("good", "CRM ✓");
  return tag("", call?.state === "ended" ? "Not in the CRM yet" : "Goes to the CRM when it ends");
}

export function startHistory() {
  at("refresh").addEventListener("click", refresh);
  hear("chosen", () => chosen && start());
  hear("calls", refresh);
}
