// The contacts and leads of the CRM: the list, and whose card is open.

import { recordsOf } from "/page/asking.js";
import { at, digitsOf, dotted, element, sameNumber, tell } from "/page/elements.js";

export let people = [];
export let chosen = null; // the person on the card

export const chosenNumber = () => document.querySelector("#numbers input:checked")?.value ?? "";
export const isKnown = (number) => Boolean(personWith(number));
export const personWith = (number) => people.find((person) => hasNumber(person, number));
export const nameOf = (number) => personWith(number)?.name ?? number ?? "Somebody";
export const hasNumber = (person, wanted) => person.numbers.some(({ number }) => sameNumber(number, wanted));
export const linkTo = (person) => ({ module: person.module, id: person.id, name: person.name });

function personOf(module, record) {
  return {
    module,
    id: record.id,
    key: `#${module}/${record.id}`,
    name: record.Full_Name || record.Last_Name,
    company: record.Account_Name?.name ?? record.Company ?? "",
    owner: record.Owner?.name ?? "",
    numbers: ["Mobile", "Phone"].map((label) => ({ label, number: record[label] })).filter(({ number }) => number),
  };
}

export async function loadPeople() {
  const [contacts, leads] = await Promise.all([recordsOf("Contacts"), recordsOf("Leads")]);
  people = [
    ...contacts.map((record) => personOf("Contacts", record)),
    ...leads.map((record) => personOf("Leads", record)),
  ];
  showPeople();
  tell("people");
}

export function showPeople() {
  const sought = at("search").value.trim().toLocaleLowerCase("tr");
  const fits = (person) =>
    [person.name, person.company, ...person.numbers.flatMap(({ number }) => [number, digitsOf(number)])].some((text) =>
      text.toLocaleLowerCase("tr").includes(sought),
    );
  const groups = ["Contacts", "Leads"].flatMap((module) => {
    const found = people.filter((person) => person.module === module && fits(person));
    return found.length ? [element("h2", {}, module), element("ul", {}, ...found.map(personEntry))] : [];
  });
  const nobody = people.length ? "Nobody is called so." : "There is nobody in the simulated CRM.";
  at("groups").replaceChildren(...(groups.length ? groups : [element("p", { className: "quiet" }, nobody)]));
  markChosen();
}

function personEntry(person) {
  const initials = person.name.split(/\s+/).slice(0, 2).map((part) => [...part][0] ?? "").join("");
  const link = element(
    "a",
    { href: person.key },
    element("span", { className: "initials", "aria-hidden": "true" }, initials.toLocaleUpperCase("tr")),
    element("span", { className: "who" }, person.name),
    person.company && element("span", { className: "where" }, person.company),
    element("span", { className: "where" }, person.numbers[0]?.number ?? "no number"),
  );
  return element("li", {}, link);
}

// Not by making the list anew, which would lose the keyboard's place in it.
function markChosen() {
  for (const link of at("groups").querySelectorAll("a")) {
    if (link.getAttribute("href") === chosen?.key) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// The address decides what is shown: a person's card, the campaigns, or the people alone.
export function followAddress() {
  const campaigns = location.hash === "#campaigns";
  chosen = people.find((person) => person.key === location.hash) ?? null;
  document.body.dataset.view = chosen ? "card" : campaigns ? "campaigns" : "list";
  document.title = chosen ? `${chosen.name} – Santral` : campaigns ? "Campaigns – Santral" : "Santral";
  at("card").hidden = !chosen;
  at("campaigns").hidden = !campaigns;
  at("nobody").hidden = Boolean(chosen) || campaigns;
  at("to-campaigns").toggleAttribute("aria-current", campaigns);
  markChosen();
  if (chosen) showCard();
  tell("chosen");
  // On a narrow screen the card takes the list's place.
  const heading = chosen ? at("name") : at("campaigns-title");
  if ((chosen || campaigns) && !at("people").offsetParent) heading.focus();
}

function showCard() {
  at("name").textContent = chosen.name;
  const kind = chosen.module === "Contacts" ? "Contact" : "Lead";
  at("about").textContent = dotted(kind, chosen.company, chosen.owner && `looked after by ${chosen.owner}`);
  const choices = chosen.numbers.map(({ label, number }, index) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "number", value: number, checked: index === 0 }),
      element("span", {}, number),
      element("small", {}, label.toLowerCase()),
    ),
  );
  at("numbers").replaceChildren(
    element("legend", {}, "Number"),
    ...(choices.length ? choices : [element("span", { className: "quiet" }, "There is none in the CRM.")]),
  );
}
