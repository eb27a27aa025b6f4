import { words } from "./language.ts";

export const phoneWords = words({
  currentCall: { tr: "Şu anki arama", az: "Hazırkı zəng", en: "Current call" },
  number: { tr: "Numara", az: "Nömrə", en: "Number" },
  numberHint: { tr: "Örn. 0532 123 45 67", az: "Məs. 050 123 45 67", en: "E.g. 0532 123 45 67" },
  through: { tr: "Aranacak hat", az: "Zəng ediləcək xətt", en: "Call through" },
  lineAt: {
    tr: "{provider} (dahili {extension})",
    az: "{provider} (daxili {extension})",
    en: "{provider} (extension {extension})",
  },
  call: { tr: "Ara", az: "Zəng et", en: "Call" },
  noNumber: {
    tr: "Bu kaydın telefon numarası yok.",
    az: "Bu qeydin telefon nömrəsi yoxdur.",
    en: "This record has no phone number.",
  },
  noPhone: {
    tr: "Size tanımlı bir dahili yok. Yöneticinizden, Zoho e-posta adresinize bir dahili bağlamasını isteyin.",
    az: "Sizə təyin olunmuş daxili nömrə yoxdur. Administratorunuzdan Zoho e-poçt ünvanınıza daxili nömrə bağlamasını xahiş edin.",
    en: "No extension is known for you. Ask your administrator to give one to your Zoho e-mail address.",
  },
  asked: { tr: "{name} aranıyor…", az: "{name} – zəng edilir…", en: "Calling {name}…" },
  rings: { tr: "{name} çalıyor", az: "{name} – zəng gedir", en: "Ringing {name}" },
  callsYou: { tr: "{name} arıyor", az: "{name} zəng edir", en: "{name} is calling" },
  onPhoneWith: { tr: "{name} ile görüşüyorsunuz", az: "{name} ilə danışırsınız", en: "On the phone with {name}" },
  over: { tr: "{name} ile arama bitti", az: "{name} ilə zəng bitdi", en: "The call with {name} is over" },
  overAs: {
    tr: "{name} ile arama bitti: {ending}",
    az: "{name} ilə zəng bitdi: {ending}",
    en: "The call with {name} has ended: {ending}",
  },
  lost: {
    tr: "{name} ile aramadan haber alınamıyor",
    az: "{name} ilə zəngdən xəbər yoxdur",
    en: "Nothing is heard of the call with {name}",
  },
  recordLater: {
    tr: "Nasıl bittiği, santralin kayıtları okununca birkaç dakika içinde görünür.",
    az: "Necə bitdiyi telefon stansiyasının qeydləri oxunduqdan sonra bir neçə dəqiqəyə görünəcək.",
    en: "How it ended is told in a few minutes, when the PBX's own records are read.",
  },
  somebody: { tr: "Bilinmeyen numara", az: "Naməlum nömrə", en: "Unknown number" },
  extension: { tr: "dahili {extension}", az: "daxili {extension}", en: "extension {extension}" },
  duration: { tr: "Süre", az: "Müddət", en: "Duration" },
  hangUp: { tr: "Kapat", az: "Dəstəyi as", en: "Hang up" },
  reject: { tr: "Reddet", az: "Rədd et", en: "Reject" },
  mute: { tr: "Sesimi kapat", az: "Səsimi söndür", en: "Mute me" },
  muted: { tr: "Sesiniz kapalı", az: "Səsiniz sönülüdür", en: "You are muted" },
  openRecord: { tr: "Kaydı aç", az: "Qeydi aç", en: "Open the record" },
  close: { tr: "Gizle", az: "Gizlət", en: "Dismiss" },
  transfer: { tr: "Aktar", az: "Yönləndir", en: "Transfer" },
  colleague: { tr: "Aktarılacak dahili", az: "Yönləndiriləcək daxili nömrə", en: "Transfer to" },
  choose: { tr: "Seçin…", az: "Seçin…", en: "Choose…" },
  handedOverTo: {
    tr: "{name} ile arama {extension} dahilisine aktarıldı",
    az: "{name} ilə zəng {extension} daxili nömrəsinə yönləndirildi",
    en: "The call with {name} was handed over to extension {extension}",
  },
  repeated: {
    tr: "Bu, az önceki aramadır. Aynı numarayı yeniden aramadan önce birkaç saniye bekleyin.",
    az: "Bu, bir az əvvəlki zəngdir. Eyni nömrəyə yenidən zəng etməzdən əvvəl bir neçə saniyə gözləyin.",
    en: "This is the call of a moment ago. Wait a few seconds before you call this number again.",
  },
  mayRing: {
    tr: "Telefon çalıyor olabilir. Yeniden aramadan önce bakın.",
    az: "Telefon zəng çala bilər. Yenidən zəng etməzdən əvvəl baxın.",
    en: "The phone may be ringing. Look before you call again.",
  },
  mayBeDone: {
    tr: "Yine de yapılmış olabilir; birazdan burada görünür.",
    az: "Yenə də edilmiş ola bilər; bir azdan burada görünəcək.",
    en: "It may have been done all the same; you will see it here in a moment.",
  },
  notCalled: { tr: "Arama yapılmadı.", az: "Zəng edilmədi.", en: "No call was made." },
  blind: {
    tr: "Süren aramalar şu an görülemiyor.",
    az: "Davam edən zənglər hazırda görünmür.",
    en: "Calls that go on cannot be seen right now.",
  },
  unread: {
    tr: "{providers} şu an okunamıyor; oradaki aramalar görünmez.",
    az: "{providers} hazırda oxunmur; oradakı zənglər görünmür.",
    en: "{providers} cannot be read right now; calls there are not shown.",
  },
  colleaguesAt: { tr: "Dahililer: {provider}", az: "Daxili nömrələr: {provider}", en: "Extensions at {provider}" },
  noColleagues: { tr: "Başka dahili yok.", az: "Başqa daxili nömrə yoxdur.", en: "There are no other extensions." },
  refresh: { tr: "Yenile", az: "Yenilə", en: "Refresh" },
});

export const endingWords = words({
  answered: { tr: "görüşüldü", az: "danışıldı", en: "answered" },
  no_answer: { tr: "yanıt yok", az: "cavab yoxdur", en: "not answered" },
  busy: { tr: "meşgul", az: "məşğul", en: "busy" },
  rejected: { tr: "reddedildi", az: "rədd edildi", en: "rejected" },
  failed: { tr: "kurulamadı", az: "alınmadı", en: "failed" },
  unknown: { tr: "sonucu bilinmiyor", az: "nəticəsi bilinmir", en: "outcome unknown" },
});

export const extensionWords = words({
  available: { tr: "müsait", az: "boşdur", en: "free" },
  busy: { tr: "görüşmede", az: "məşğuldur", en: "busy" },
  break: { tr: "molada", az: "fasilədədir", en: "on a break" },
  offline: { tr: "çevrimdışı", az: "oflayndır", en: "offline" },
  unknown: { tr: "durumu bilinmiyor", az: "vəziyyəti bilinmir", en: "state unknown" },
});

const PROVIDERS: Record<string, string> = {
  virtualats: "VirtualATS",
  kobikom: "Kobikom",
  verimor: "Verimor",
  wapcrm: "WapCRM",
};

/** A provider as it writes itself. */
export const providerName = (provider: string): string => PROVIDERS[provider] ?? provider;
