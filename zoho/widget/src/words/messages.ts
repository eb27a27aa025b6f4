// WhatsApp with a customer.

import { words } from "./language.ts";

export const messageWords = words({
  title: { tr: "WhatsApp görüşmesi", az: "WhatsApp söhbəti", en: "WhatsApp conversation" },
  number: { tr: "Numara", az: "Nömrə", en: "Number" },
  openNumber: { tr: "Görüşmeyi aç", az: "Söhbəti aç", en: "Open the conversation" },
  whose: {
    tr: "Kiminle yazışacaksınız? Numarasını yazın.",
    az: "Kiminlə yazışacaqsınız? Nömrəsini yazın.",
    en: "Whom do you want to write to? Enter their number.",
  },
  noNumber: {
    tr: "Bu kayıtta telefon numarası yok. WhatsApp için bir numara ekleyin.",
    az: "Bu qeyddə telefon nömrəsi yoxdur. WhatsApp üçün nömrə əlavə edin.",
    en: "This record has no phone number. Add one to use WhatsApp.",
  },
  loading: { tr: "Mesajlar yükleniyor…", az: "Mesajlar yüklənir…", en: "Loading the messages…" },
  none: { tr: "Henüz mesaj yok.", az: "Hələ mesaj yoxdur.", en: "No messages yet." },
  stale: {
    tr: "Yeni mesajlar okunamadı: {reason}",
    az: "Yeni mesajlar oxuna bilmədi: {reason}",
    en: "New messages could not be read: {reason}",
  },
  today: { tr: "Bugün", az: "Bu gün", en: "Today" },
  yesterday: { tr: "Dün", az: "Dünən", en: "Yesterday" },
  us: { tr: "Biz:", az: "Biz:", en: "We wrote:" },
  customer: { tr: "Müşteri:", az: "Müştəri:", en: "The customer wrote:" },
  file: { tr: "Dosya", az: "Fayl", en: "File" },
  fileOpens: { tr: "yeni sekmede açılır", az: "yeni vərəqdə açılır", en: "opens in a new tab" },

  sending: { tr: "Gönderiliyor…", az: "Göndərilir…", en: "Sending…" },
  uploading: { tr: "Dosya yükleniyor…", az: "Fayl yüklənir…", en: "Uploading the file…" },
  accepted: { tr: "Sırada", az: "Növbədə", en: "Queued" },
  sent: { tr: "Gönderildi", az: "Göndərildi", en: "Sent" },
  delivered: { tr: "İletildi", az: "Çatdırıldı", en: "Delivered" },
  read: { tr: "Görüldü", az: "Baxıldı", en: "Viewed" },
  failed: { tr: "Gönderilemedi", az: "Göndərilmədi", en: "Not sent" },
  unknown: {
    tr: "Gidip gitmediği bilinmiyor. Yeniden göndermeden önce WhatsApp'tan bakın.",
    az: "Gedib-getmədiyi bilinmir. Yenidən göndərməzdən əvvəl WhatsApp-da yoxlayın.",
    en: "Nobody knows whether it was sent. Look in WhatsApp before you send it again.",
  },
  sentAlready: {
    tr: "Aynı mesaj az önce gönderildi; ikinci kez gönderilmedi.",
    az: "Eyni mesaj bir az əvvəl göndərilib; ikinci dəfə göndərilmədi.",
    en: "The same message was sent a moment ago; it was not sent twice.",
  },
  notUploaded: {
    tr: "Dosya yüklenemedi, mesaj gönderilmedi. Lütfen yeniden deneyin.",
    az: "Fayl yüklənmədi, mesaj göndərilmədi. Zəhmət olmasa yenidən cəhd edin.",
    en: "The file could not be uploaded, so nothing was sent. Please try again.",
  },

  message: { tr: "Mesaj", az: "Mesaj", en: "Message" },
  write: { tr: "Mesaj yazın", az: "Mesaj yazın", en: "Write a message" },
  send: { tr: "Gönder", az: "Göndər", en: "Send" },
  keys: {
    tr: "Enter gönderir, Shift+Enter yeni satır açar.",
    az: "Enter göndərir, Shift+Enter yeni sətir açır.",
    en: "Enter sends, Shift+Enter starts a new line.",
  },
  left: { tr: "Kalan karakter: {count}", az: "Qalan simvol: {count}", en: "Characters left: {count}" },
  tooLong: {
    tr: "{count} karakter uzun: bir mesaj en çok {most} karakterdir.",
    az: "{count} simvol uzundur: bir mesaj ən çox {most} simvoldur.",
    en: "Too long by {count}: a message holds {most} characters.",
  },
  attach: { tr: "Dosya ekle", az: "Fayl əlavə et", en: "Attach a file" },
  detach: { tr: "{name} dosyasını çıkar", az: "{name} faylını çıxar", en: "Remove {name}" },

  line: { tr: "Hat", az: "Xətt", en: "Line" },
  defaultLine: { tr: "Varsayılan hat", az: "Standart xətt", en: "Default line" },
  windowOpen: {
    tr: "Müşteriye {left} daha serbestçe yazabilirsiniz.",
    az: "Müştəriyə daha {left} sərbəst yaza bilərsiniz.",
    en: "You can write freely to this customer for another {left}.",
  },
  windowOver: {
    tr: "Müşteri 24 saatten uzun süredir yazmadı: WhatsApp mesajınızı reddedebilir.",
    az: "Müştəri 24 saatdan çoxdur yazmayıb: WhatsApp mesajınızı rədd edə bilər.",
    en: "The customer last wrote more than 24 hours ago: WhatsApp may refuse your message.",
  },
  windowNever: {
    tr: "Müşteri henüz yazmadı: WhatsApp mesajınızı reddedebilir.",
    az: "Müştəri hələ yazmayıb: WhatsApp mesajınızı rədd edə bilər.",
    en: "The customer has not written yet: WhatsApp may refuse your message.",
  },
  hoursMinutes: { tr: "{hours} sa {minutes} dk", az: "{hours} saat {minutes} dəq", en: "{hours} h {minutes} min" },
  minutes: { tr: "{minutes} dk", az: "{minutes} dəq", en: "{minutes} min" },
});
