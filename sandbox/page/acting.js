// Who is acting, and through which PBX they dial.

import { sandbox } from "/page/asking.js";
import { at, fill, option, tell } from "/page/elements.js";

export const PBXES = { virtualats: "VirtualATS", kobikom: "Kobikom", verimor: "Verimor" };

export const acting = () => sandbox.users.find(({ email }) => email === at("user").value);
export const pbx = () => at("pbx").value;
export const extensionAt = (provider) => acting()?.extensions[provider]?.[0];
export const nameOfPbx = (provider) => PBXES[provider] ?? provider;

export const colleaguesAt = (provider) =>
  sandbox.users
    .filter((colleague) => colleague !== acting())
    .map(({ email, extensions }) => ({ name: email, extension: extensions[provider]?.[0] }))
    .filter(({ extension }) => extension);

export function startActing() {
  at("user").replaceChildren(...sandbox.users.map(({ email }) => option(email, email)));
  at("user").addEventListener("change", offerPbxes);
  at("pbx").addEventListener("change", () => tell("acting"));
  offerPbxes();
}

function offerPbxes() {
  const own = Object.keys(PBXES).filter((name) => extensionAt(name));
  fill(
    at("pbx"),
    own.map((name) => option(name, `${nameOfPbx(name)} (${extensionAt(name)})`)),
  );
  tell("acting");
}
