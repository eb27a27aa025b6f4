import { words } from "./language.ts";

export const widgetWords = words({
  parts: { tr: "Santral bölümleri", az: "Santralın bölmələri", en: "Parts of Santral" },
  phone: { tr: "Telefon", az: "Telefon", en: "Phone" },
  history: { tr: "Aramalar", az: "Zənglər", en: "Calls" },
  messages: { tr: "WhatsApp", az: "WhatsApp", en: "WhatsApp" },
  campaigns: { tr: "Kampanyalar", az: "Kampaniyalar", en: "Campaigns" },
  settings: { tr: "Ayarlar", az: "Parametrlər", en: "Settings" },
  notInZoho: {
    tr: "Bu bölüm Zoho CRM içinde çalışır. Onu bir kişinin, müşteri adayının veya firmanın sayfasında açın.",
    az: "Bu bölmə Zoho CRM daxilində işləyir. Onu əlaqə, potensial müştəri və ya şirkət səhifəsində açın.",
    en: "This works inside Zoho CRM. Open it on the page of a contact, a lead or an account.",
  },
  noAddress: {
    tr: "Santral'in adresi girilmemiş: yöneticiniz Zoho CRM'de santral_api_url değişkenini tanımlamalı.",
    az: "Santralın ünvanı daxil edilməyib: administratorunuz Zoho CRM-də santral_api_url dəyişənini təyin etməlidir.",
    en: "Santral's address is missing: your administrator has to set the variable santral_api_url in Zoho CRM.",
  },
  notStarted: {
    tr: "Santral başlatılamadı. Sayfayı yenileyin; sürerse yöneticinize bildirin.",
    az: "Santral başladıla bilmədi. Səhifəni yeniləyin; davam edərsə, administratorunuza bildirin.",
    en: "Santral could not start. Reload the page; if it goes on, tell your administrator.",
  },
  loading: { tr: "Yükleniyor…", az: "Yüklənir…", en: "Loading…" },
  again: { tr: "Yeniden dene", az: "Yenidən cəhd et", en: "Try again" },
});
