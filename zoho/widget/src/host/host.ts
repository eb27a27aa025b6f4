// Where the widget stands and who carries its requests: Zoho CRM, or the sandbox.

import type { Language } from "../words/language.ts";

export type ModuleName = "Contacts" | "Leads" | "Accounts";

/** The record the widget is shown beside. */
export interface Place {
  module: ModuleName;
  id: string;
  name: string;
  numbers: string[];
}

export interface User {
  email: string;
  name: string;
}

/** One request; `path` is below the API's root and escaped, e.g. "/calls". */
export interface Sent {
  method: string;
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  as?: "admin";
  language?: Language;
}

/** Its answer. `body` is null where there was none that could be read; `retryAfter` is in seconds. */
export interface Told {
  status: number;
  body: unknown;
  retryAfter: number | null;
}

export interface Host {
  user: User;
  /** The user's own, as far as the CRM says; what they chose here goes before it. */
  language: Language;
  /** Null on a web tab. */
  place: Place | null;
  /** Rejects when no answer came: then nobody knows whether the request was carried out. */
  send(request: Sent): Promise<Told>;
  openRecord(module: string, id: string): void;
  /** Asks for so many pixels of height. */
  resize(height: number): void;
}

/** The widget cannot start: the host is not there, or does not say what is needed. */
export class HostMissing extends Error {
  constructor(readonly lack: "zoho" | "address") {
    super(lack);
  }
}

/** This user has not been given the connection that carries the request. */
export class ConnectionMissing extends Error {}

const PHONE_FIELDS = ["Mobile", "Phone", "Other_Phone", "Home_Phone", "Asst_Phone"];

/** What of a CRM record matters here: its name, and its numbers without repetition. */
export function placeOf(module: ModuleName, record: Record<string, unknown>): Place {
  // A contact's Account_Name is no text but the company they belong to.
  const name =
    [record.Full_Name, record.Account_Name, record.Last_Name].find((it) => it && typeof it === "string") ?? "";
  const numbers = PHONE_FIELDS.map((field) => record[field]).filter(
    (it): it is string => typeof it === "string" && !!it,
  );
  return { module, id: String(record.id), name: String(name), numbers: [...new Set(numbers)] };
}

export const isModule = (name: unknown): name is ModuleName =>
  name === "Contacts" || name === "Leads" || name === "Accounts";
