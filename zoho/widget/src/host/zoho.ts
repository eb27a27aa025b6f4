// Zoho CRM as the host: requests are carried by a Connection, which adds the token on Zoho's side and never shows it
// to the browser. Shapes: Zoho's embeddedApp-js-sdk 1.2, and what its calls were seen to answer.

import { chosenLanguage, languageOf } from "../words/language.ts";
import {
  ConnectionMissing,
  HostMissing,
  isModule,
  placeOf,
  type Host,
  type Place,
  type Sent,
  type Told,
  type User,
} from "./host.ts";

const ADDRESS_VARIABLE = "santral_api_url";
const CONNECTIONS = { agent: "santral", admin: "santral_admin" };
const SILENCE = 5_000;
const IN_BODY = 2; // param_type: `parameters` are the body, not the query

type Unsure = Record<string, unknown>;

interface Sdk {
  embeddedApp: { on(event: "PageLoad", act: (data?: Unsure) => void): void; init(): Promise<unknown> };
  CRM: {
    API: {
      getRecord(asked: { Entity: string; RecordID: string }): Promise<Unsure>;
      getOrgVariable(name: string): Promise<Unsure>;
    };
    CONFIG: { getCurrentUser(): Promise<Unsure> };
    CONNECTION: { invoke(connection: string, request: Unsure): Promise<unknown> };
    UI: {
      Record: { open(asked: { Entity: string; RecordID: string; Target?: "_blank" }): Promise<unknown> };
      Resize(size: { height: string; width: string }): Promise<unknown>;
    };
  };
}

declare global {
  interface Window {
    ZOHO?: Sdk;
  }
}

export async function startZoho(): Promise<Host> {
  await allScripts();
  const zoho = window.ZOHO;
  if (!zoho || window.parent === window) throw new HostMissing("zoho");
  const loaded = new Promise<Unsure | undefined>((resolve) => zoho.embeddedApp.on("PageLoad", resolve));
  await zoho.embeddedApp.init();
  const [place, address, { user, locale }] = await Promise.all([
    Promise.race([loaded, silence()]).then((data) => placeShown(zoho, data ?? {})),
    zoho.CRM.API.getOrgVariable(ADDRESS_VARIABLE).then(addressIn),
    zoho.CRM.CONFIG.getCurrentUser().then(userIn),
  ]);
  return {
    user,
    language: languageOf(locale) ?? chosenLanguage(),
    place,
    send: (sent) => send(zoho, address, user, sent),
    openRecord: (module, id) => void zoho.CRM.UI.Record.open({ Entity: module, RecordID: id, Target: "_blank" }),
    resize: (height) => void zoho.CRM.UI.Resize({ height: `${height}px`, width: "100%" }),
  };
}

// Zoho's script stands after ours, so that it holds up nothing.
const allScripts = (): Promise<void> =>
  new Promise((resolve) => {
    if (document.readyState === "complete") resolve();
    else addEventListener("load", () => resolve(), { once: true });
  });

// A web tab has no page to tell of, and no document says that it is told so.
const silence = (): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, SILENCE));

async function placeShown(zoho: Sdk, data: Unsure): Promise<Place | null> {
  const shown = recordShown(data);
  if (!shown) return null;
  const record = recordIn(await zoho.CRM.API.getRecord({ Entity: shown.module, RecordID: shown.id }));
  return record && placeOf(shown.module, { ...record, id: shown.id });
}

/** The record of PageLoad's data, whose EntityId is a text or a list; null on a web tab or beside several records. */
export function recordShown({ Entity, EntityId }: Unsure): Pick<Place, "module" | "id"> | null {
  const ids: unknown[] = Array.isArray(EntityId) ? EntityId : [EntityId];
  const [id] = ids;
  return isModule(Entity) && ids.length === 1 && id ? { module: Entity, id: String(id) } : null;
}

export const recordIn = ({ data }: Unsure): Unsure | null =>
  Array.isArray(data) ? ((data[0] as Unsure) ?? null) : null;

/** The API's address, without a slash at its end. Zoho wraps what a variable holds, and newer versions do not. */
export function addressIn(variable: Unsure): string {
  const wrapped = variable.Success as Unsure | undefined;
  const address = wrapped?.Content ?? wrapped?.content ?? variable.Content ?? variable.value;
  if (typeof address !== "string" || !/^\s*https?:\/\//.test(address)) throw new HostMissing("address");
  return address.trim().replace(/\/+$/, "");
}

/** The acting user, whom newer versions wrap into a list. */
export function userIn(answer: Unsure): { user: User; locale: string | null } {
  const found = Array.isArray(answer.users) ? ((answer.users[0] as Unsure) ?? {}) : answer;
  const locale = found.locale ?? found.language;
  const email = String(found.email ?? "");
  return {
    user: { email, name: String(found.full_name ?? email) },
    locale: typeof locale === "string" ? locale : null,
  };
}

async function send(zoho: Sdk, address: string, user: User, sent: Sent): Promise<Told> {
  const { method, path, query = {}, body, as, language } = sent;
  const search = new URLSearchParams(query).toString();
  const request: Unsure = {
    method,
    url: address + path + (search && `?${search}`),
    headers: {
      "X-Crm-User": user.email,
      ...(language && { "Accept-Language": language }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { parameters: body, param_type: IN_BODY }),
  };
  return toldIn(await zoho.CRM.CONNECTION.invoke(CONNECTIONS[as ?? "agent"], request));
}

/**
 * Reads what a Connection answers. The body stands in `details.statusMessage`, as a text or already read; its status is
 * not told, but our problems carry their own, and what the gateway answers by itself is known by its words.
 */
export function toldIn(answer: unknown): Told {
  const outer = readJson(answer);
  if (!isObject(outer)) throw new Error("a connection answered nothing that can be read");
  const details = readJson(outer.details);
  const body = isObject(details) && "statusMessage" in details ? readJson(details.statusMessage) : undefined;
  if (body === undefined) {
    if (outer.code === "SUCCESS") return { status: 204, body: null, retryAfter: null };
    throw new ConnectionMissing(String(outer.code ?? ""));
  }
  return { status: statusOf(body), body: body === "" ? null : body, retryAfter: null };
}

const GATEWAY_STATUSES: Record<string, number> = {
  unauthorized: 401,
  forbidden: 403,
  "not found": 404,
  "request too long": 413,
  "request entity too large": 413,
  "too many requests": 429,
  "rate exceeded": 429,
  "internal server error": 500,
  "service unavailable": 503,
};
const UNREADABLE = 502;

function statusOf(body: unknown): number {
  if (body === "" || body === null) return 204;
  if (!isObject(body)) return UNREADABLE;
  if (typeof body.status === "number" && typeof body.code === "string") return body.status;
  const [only, ...others] = Object.keys(body);
  if (only === "message" && !others.length) return GATEWAY_STATUSES[String(body.message).toLowerCase()] ?? UNREADABLE;
  return 200;
}

const isObject = (value: unknown): value is Unsure =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readJson(value: unknown): unknown {
  if (typeof value !== "string" || !value.trim()) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
