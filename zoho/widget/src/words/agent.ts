import { words } from "./language.ts";

export const agentWords = words({
  bar: { tr: "Çağrı merkezi temsilcisi", az: "Çağrı mərkəzi operatoru", en: "Call centre agent" },
  agent: { tr: "Temsilci {agent}", az: "Operator {agent}", en: "Agent {agent}" },
  available: { tr: "müsait", az: "hazırdır", en: "available" },
  break: { tr: "molada", az: "fasilədədir", en: "on a break" },
  offline: { tr: "çıkış yaptı", az: "çıxış edib", en: "logged out" },
  unknown: { tr: "durumu bilinmiyor", az: "vəziyyəti bilinmir", en: "state unknown" },
  logIn: { tr: "Giriş yap", az: "Giriş et", en: "Log in" },
  logOut: { tr: "Çıkış yap", az: "Çıxış et", en: "Log out" },
  takeBreak: { tr: "Mola…", az: "Fasilə…", en: "Break…" },
  reason: { tr: "Mola nedeni", az: "Fasilənin səbəbi", en: "Reason of the break" },
  startBreak: { tr: "Molaya çık", az: "Fasiləyə çıx", en: "Start the break" },
  endBreak: { tr: "Molayı bitir", az: "Fasiləni bitir", en: "End the break" },
  sinceBreak: { tr: "Moladaki süre", az: "Fasilədəki müddət", en: "Time on the break" },
  breakTook: {
    tr: "Mola bitti, {time} sürdü.",
    az: "Fasilə bitdi, {time} çəkdi.",
    en: "The break is over. It took {time}.",
  },
  breakOver: {
    tr: "Mola bitti; santral ne kadar sürdüğünü söylemedi.",
    az: "Fasilə bitdi; stansiya nə qədər çəkdiyini demədi.",
    en: "The break is over; the PBX did not say how long it was.",
  },
});
