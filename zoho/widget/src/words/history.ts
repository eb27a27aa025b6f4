import { words } from "./language.ts";

export const directionWords = words({
  inbound: { tr: "Gelen arama", az: "Gələn zəng", en: "Incoming call" },
  outbound: { tr: "Giden arama", az: "Gedən zəng", en: "Outgoing call" },
  internal: { tr: "Dahili arama", az: "Daxili zəng", en: "Internal call" },
});

export const historyWords = words({
  ofRecord: { tr: "Bu kaydın aramaları", az: "Bu qeydin zəngləri", en: "Calls of this record" },
  ofEverybody: { tr: "Son aramalar", az: "Son zənglər", en: "Recent calls" },
  refresh: { tr: "Yenile", az: "Yenilə", en: "Refresh" },
  none: {
    tr: "Son yedi günde arama yok.",
    az: "Son yeddi gündə zəng yoxdur.",
    en: "There were no calls in the last seven days.",
  },
  noneOfRecord: { tr: "Henüz arama yok.", az: "Hələ zəng yoxdur.", en: "No calls yet." },
  more: { tr: "Daha eski aramalar", az: "Daha köhnə zənglər", en: "Older calls" },
  missed: { tr: "Cevapsız arama", az: "Buraxılmış zəng", en: "Missed call" },
  call: { tr: "Arama", az: "Zəng", en: "Call" },
  going: { tr: "sürüyor", az: "davam edir", en: "going on" },
  extension: { tr: "dahili {extension}", az: "daxili {extension}", en: "extension {extension}" },
  from: { tr: "Arayan: {number}", az: "Zəng edən: {number}", en: "from {number}" },
  to: { tr: "Aranan: {number}", az: "Zəng edilən: {number}", en: "to {number}" },
  queue: { tr: "kuyruk {queue}", az: "növbə {queue}", en: "queue {queue}" },
  agent: { tr: "temsilci {agent}", az: "operator {agent}", en: "agent {agent}" },
  rang: { tr: "çalma süresi {time}", az: "zəng müddəti {time}", en: "rang for {time}" },
  handedTo: {
    tr: "{extension} dahilisine aktarıldı",
    az: "{extension} nömrəsinə yönləndirilib",
    en: "handed over to {extension}",
  },
  openRecord: { tr: "Kaydı aç: {name}", az: "Qeydi aç: {name}", en: "Open the record: {name}" },
  record: { tr: "kayıt", az: "qeyd", en: "record" },
  unavailable: { tr: "Ses kaydı alınamadı.", az: "Səs yazısı alınmadı.", en: "The recording could not be fetched." },
  erased: { tr: "Ses kaydı silindi.", az: "Səs yazısı silinib.", en: "The recording has been erased." },
  play: { tr: "Ses kaydını dinle", az: "Səs yazısını dinlə", en: "Play the recording" },
  playAgain: { tr: "Yeniden dene", az: "Yenidən cəhd et", en: "Try again" },
  fetching: { tr: "Ses kaydı getiriliyor…", az: "Səs yazısı gətirilir…", en: "Fetching the recording…" },
  late: {
    tr: "Ses kaydı henüz hazır değil. Biraz sonra yeniden deneyin.",
    az: "Səs yazısı hələ hazır deyil. Bir az sonra yenidən cəhd edin.",
    en: "The recording is not there yet. Please try again later.",
  },
  silent: {
    tr: "Ses kaydı çalınamadı. Bağlantısının süresi dolmuş olabilir.",
    az: "Səs yazısı səsləndirilmədi. Keçidinin vaxtı bitmiş ola bilər.",
    en: "The recording could not be played. Its link may have expired.",
  },
  recording: { tr: "Ses kaydı", az: "Səs yazısı", en: "Recording of the call" },
  resume: { tr: "Çal", az: "Səsləndir", en: "Play" },
  pause: { tr: "Duraklat", az: "Dayandır", en: "Pause" },
  position: { tr: "Konum", az: "Mövqe", en: "Position" },
  positionAt: { tr: "{at}, toplam {length}", az: "{at}, cəmi {length}", en: "{at} of {length}" },
  speed: { tr: "Hız", az: "Sürət", en: "Speed" },
});
