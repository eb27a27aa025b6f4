// Every request the page makes: to the API as an agent or an administrator, or under /page/ to a simulator.

import { at } from "/page/elements.js";
import { FIELDS, GATEWAY_SENTENCES, UNREACHABLE } from "/page/words.js";

// Refusals that leave open whether it happened; so does an answer that never came.
const UNCERTAIN = ["outcome_unknown", "in_progress", "internal_error", "conflict"];

export let sandbox; // what /page/sandbox.json says

export async function readSandbox() {
  sandbox = (await ask("GET", "/page/sandbox.json")).content;
}

export class Refusal extends Error {
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
    throw new Refusal(UNREACHABLE);
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

const as = (token) => ({ Authorization: `Bearer ${token}`, "X-Crm-User": at("user").value });

export const api = (method, path, body) => ask(method, path, body, as(sandbox.agent_token));
export const asAdministrator = (method, path, body) => ask(method, path, body, as(sandbox.admin_token));

export const simulates = (name) => sandbox.simulators.includes(name);
export const recordsOf = async (module) =>
  simulates("zoho") ? (await ask("GET", `/page/crm/${module}`)).content : [];
export const stateOf = async (simulator) => (await ask("GET", `/page/simulators/${simulator}`)).content;
export const letHappen = async (simulator, action, values) =>
  (await ask("POST", `/page/simulators/${simulator}/${action}`, values)).content;
