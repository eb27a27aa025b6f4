// Whether everything works, who one is, and the language.

import { words } from "./language.ts";

export const settingsWords = words({
  connection: { tr: "Bağlantı", az: "Bağlantı", en: "Connection" },
  test: { tr: "Bağlantıyı sına", az: "Bağlantını yoxla", en: "Test connection" },
  testing: { tr: "Her parça sınanıyor…", az: "Hər hissə yoxlanılır…", en: "Looking at every part…" },
  explained: {
    tr: "Santrallere, WhatsApp'a, Zoho'ya ve kuyruklara birer kez bakar. Kimseyi aramaz, kimseye yazmaz.",
    az: "Stansiyalara, WhatsApp-a, Zoho-ya və növbələrə bir dəfə baxır. Heç kimə zəng etmir, heç kimə yazmır.",
    en: "Looks once at the exchanges, WhatsApp, Zoho and the queues. It calls nobody and writes to nobody.",
  },
  allWorks: { tr: "Her şey çalışıyor.", az: "Hər şey işləyir.", en: "Everything works." },
  someWarn: {
    tr: "Çalışıyor. Bakılması gereken: {count}.",
    az: "İşləyir. Baxılmalı olan: {count}.",
    en: "It works. To look at: {count}.",
  },
  someFail: { tr: "Çalışmayan: {count}.", az: "İşləməyən: {count}.", en: "Not working: {count}." },
  works: { tr: "Çalışıyor", az: "İşləyir", en: "Works" },
  lookAt: { tr: "Bakılmalı", az: "Baxılmalı", en: "Look at it" },
  fails: { tr: "Çalışmıyor", az: "İşləmir", en: "Not working" },
  fix: { tr: "Ne yapmalı:", az: "Nə etməli:", en: "What to do:" },
  you: { tr: "Siz", az: "Siz", en: "You" },
  name: { tr: "Ad", az: "Ad", en: "Name" },
  email: { tr: "E-posta", az: "E-poçt", en: "E-mail" },
  extensionsAt: { tr: "{provider} dahilisi", az: "{provider} daxili nömrəsi", en: "{provider} extension" },
  agent: { tr: "Temsilci numarası", az: "Operator nömrəsi", en: "Agent number" },
  record: { tr: "Kayıt", az: "Qeyd", en: "Record" },
  language: { tr: "Dil", az: "Dil", en: "Language" },
  languageKept: {
    tr: "Yalnızca bu tarayıcıda saklanır.",
    az: "Yalnız bu brauzerdə saxlanılır.",
    en: "Kept in this browser only.",
  },
  version: { tr: "Sürüm {version}", az: "Versiya {version}", en: "Version {version}" },
  testedAt: { tr: "Saat {time}", az: "Saat {time}", en: "At {time}" },
});
