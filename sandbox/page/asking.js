// Every request the page makes: to Zoho's side of the sandbox, or to a simulator.

export let sandbox; // what /page/sandbox.json says

export async function readSandbox() {
  sandbox = await ask("GET", "/page/sandbox.json");
}

export class Refusal extends Error {}

async function ask(method, url, body) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal("The sandbox cannot be reached. Is it still running?");
  }
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(content?.error ?? `The sandbox answered with an error (${answer.status}).`);
  return content;
}

export const simulates = (name) => sandbox.simulators.includes(name);
export const recordsOf = async (module) => (simulates("zoho") ? ask("GET", `/page/crm/${module}`) : []);
export const stateOf = (simulator) => ask("GET", `/page/simulators/${simulator}`);
export const letHappen = (simulator, action, values) => ask("POST", `/page/simulators/${simulator}/${action}`, values);
export const runFunction = (name, pressed) => ask("POST", `/page/functions/${name}`, pressed);
export const invokeConnection = (name, invocation) => ask("POST", `/page/connections/${name}`, invocation);
