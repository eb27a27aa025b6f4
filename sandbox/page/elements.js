// Making and finding elements, writing times and numbers. Whatever is shown is set as text, never as markup.

export const at = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child || child === 0));
  return made;
}

export const option = (value, text) => element("option", { value }, text);
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

const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
export const momentOf = (text) => moments.format(new Date(text));
export const dotted = (...parts) => parts.filter(Boolean).join(" · ");
export const digitsOf = (number) => number.replace(/\D/g, "");

// The parts of the page tell each other what has happened: "shown", "acting", "records".
export const tell = (news) => document.dispatchEvent(new Event(news));
export const hear = (news, act) => document.addEventListener(news, act);
