// The sandbox as the host: requests go straight to the API of the same origin, with the tokens the sandbox tells its
// page. The query says who acts (`user`, else the first there is) and beside which record (`module` and `id`).

import { chosenLanguage, languageOf } from "../words/language.ts";
import { isModule, placeOf, type Host, type Place, type Sent, type Told } from "./host.ts";

interface Sandbox {
  agent_token: string;
  admin_token: string;
  users: { email: string }[];
}

export async function startDirect(query: URLSearchParams): Promise<Host> {
  const module = query.get("module");
  const [sandbox, place] = await Promise.all([
    read<Sandbox>("/page/sandbox.json"),
    isModule(module) ? recordOf(module, query.get("id")) : null,
  ]);
  const email = query.get("user") ?? sandbox.users[0]?.email ?? "";

  async function send({ method, path, query: asked = {}, body, as, language }: Sent): Promise<Told> {
    const search = new URLSearchParams(asked).toString();
    const answer = await fetch(search ? `${path}?${search}` : path, {
      method,
      headers: {
        Authorization: `Bearer ${as === "admin" ? sandbox.admin_token : sandbox.agent_token}`,
        "X-Crm-User": email,
        ...(language && { "Accept-Language": language }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const retryAfter = Number(answer.headers.get("Retry-After"));
    return { status: answer.status, body: await answer.json().catch(() => null), retryAfter: retryAfter || null };
  }

  return {
    user: { email, name: email },
    language: languageOf(query.get("language")) ?? chosenLanguage(),
    place,
    send,
    openRecord: (record, id) => window.open(`/#${record}/${id}`, "_top"),
    resize: (height) => {
      // Of the page's own kind of element, not of this frame's: `instanceof` would say no.
      const frame = window.frameElement as HTMLElement | null;
      if (frame) frame.style.height = `${height}px`;
    },
  };
}

async function recordOf(module: "Contacts" | "Leads" | "Accounts", id: string | null): Promise<Place | null> {
  const records = await read<Record<string, unknown>[]>(`/page/crm/${module}`);
  const found = records.find((record) => record.id === id);
  return found ? placeOf(module, found) : null;
}

async function read<Content>(path: string): Promise<Content> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}`);
  return answer.json() as Promise<Content>;
}
