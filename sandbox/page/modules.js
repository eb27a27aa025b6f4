// The modules of the CRM and their records, as the simulator keeps them.

import { recordsOf } from "/page/asking.js";
import { element, momentOf, newTab } from "/page/elements.js";

// What a list shows of each module; the widget stands beside the records of those that have numbers.
export const MODULES = {
  Contacts: { one: "Contact", columns: ["Full_Name", "Account_Name", "Phone", "Mobile", "Owner"], called: true },
  Leads: {
    one: "Lead",
    columns: ["Full_Name", "Lead_Source", "Phone", "Mobile", "Owner"],
    called: true,
    selectable: true,
  },
  Accounts: { one: "Account", columns: ["Account_Name", "Phone", "Owner"], called: true },
  Calls: { one: "Call", columns: ["Subject", "Call_Type", "Call_Start_Time", "Call_Duration", "Owner"] },
};

const LABELS = {
  Full_Name: "Name",
  Account_Name: "Account",
  Who_Id: "Contact",
  What_Id: "Related to",
  Voice_Recording__s: "Voice recording",
  Santral_Call_ID: "Santral call ID",
  Call_Start_Time: "Start",
  Call_Duration: "Duration",
  Call_Type: "Type",
};
const HIDDEN = new Set(["id", "Full_Name", "Call_Duration_in_seconds", "Created_By", "Modified_By"]);
const NUMBERS = ["Mobile", "Phone", "Other_Phone", "Home_Phone", "Asst_Phone"];

export const nameOf = (record) =>
  record.Full_Name ?? record.Account_Name ?? record.Subject ?? record.Last_Name ?? record.id;
export const numbersOf = (record) => [...new Set(NUMBERS.map((field) => record[field]).filter(Boolean))];
export const addressOf = (module, id) => `#${module}/${id}`;
export const labelOf = (field) => {
  const words = field.replaceAll("_", " ").toLowerCase();
  return LABELS[field] ?? words.charAt(0).toUpperCase() + words.slice(1);
};

export const shownFields = (record) =>
  Object.keys(record).filter((field) => !HIDDEN.has(field) && !field.startsWith("$") && hasValue(record[field]));

const hasValue = (value) => ![null, undefined, ""].includes(value) && !(Array.isArray(value) && !value.length);

// A field's value: a link where it leads to another record or away, else its text.
export function valueOf(record, field) {
  const value = record[field];
  if (!hasValue(value)) return "";
  const module = { Account_Name: "Accounts", Who_Id: "Contacts", What_Id: record.$se_module }[field];
  if (module && value.id) return element("a", { href: addressOf(module, value.id) }, value.name ?? value.id);
  if (field.endsWith("_Time")) return momentOf(value);
  if (typeof value === "string" && /^https?:\/\//.test(value)) return newTab(value, "Open");
  if (Array.isArray(value)) return value.map(({ name }) => name).join(", ");
  return String(value.name ?? value);
}

export const recordOf = async (module, id) => (await recordsOf(module)).find((record) => record.id === id) ?? null;

// What is related to a record, newest first.
export async function relatedTo(module, id) {
  const [calls, tasks, notes] = await Promise.all(["Calls", "Tasks", "Notes"].map(recordsOf));
  const isAbout = (event) => (module === "Contacts" ? event.Who_Id?.id : event.What_Id?.id) === id;
  return {
    Calls: calls.filter(isAbout).reverse(),
    Tasks: tasks.filter(isAbout).reverse(),
    Notes: notes.filter(({ Parent_Id }) => Parent_Id?.id === id).reverse(),
  };
}
