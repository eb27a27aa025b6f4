// Making and finding elements, writing times and numbers. Whatever is shown is set as text, never as markup.

export const at = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

export const option = (value, text) => element("option", { value }, text);
export const tag = (kind, text) => element("span", { className: `tag ${kind}` }, text);
export const newTab = (href, text) => element("a", { href, target: "_blank", rel: "noreferrer" }, text);

export function button(text, whenPressed, properties = {}) {
  const made = element("button", { type: "button", ...properties }, text);
  made.addEventListener("click", whenPressed);
  return made;
}

// Whoever has chosen something keeps it as long as it is there.
export function fill(select, options) {
  const kept = select.value;
  select.replaceChildren(...options);
  if (options.some(({ value }) => value === kept)) select.value = kept;
}

export const whenSubmitted = (form, act) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });

export const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const calendar = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
export const momentOf = (text) => `${calendar.format(new Date(text))}, ${clock.format(new Date(text))}`;
export const duration = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
export const dotted = (...parts) => parts.filter(Boolean).join(" · ");
export const digitsOf = (number) => number.replace(/\D/g, "");

// One number is written in many ways; in its last nine digits they agree.
export function sameNumber(one, other) {
  const [first, second] = [one, other].map((number) => digitsOf(number ?? "").slice(-9));
  return first.length >= 3 && first === second;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The parts of the page tell each other what has happened: "chosen", "acting", "calls", "look".
export const tell = (news) => document.dispatchEvent(new Event(news));
export const hear = (news, act) => document.addEventListener(news, act);
