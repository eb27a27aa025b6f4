// What an agent says of a call once it is over.

import { words } from "./language.ts";

export const outcomeWords = words({
  open: { tr: "Görüşme sonucunu yaz", az: "Zəngin nəticəsini yaz", en: "Say how it turned out" },
  change: { tr: "Sonucu değiştir", az: "Nəticəni dəyiş", en: "Change the outcome" },
  title: { tr: "Görüşme sonucu", az: "Zəngin nəticəsi", en: "Outcome of the call" },
  saved: { tr: "Sonuç: {outcome}", az: "Nəticə: {outcome}", en: "Outcome: {outcome}" },
  note: { tr: "Not", az: "Qeyd", en: "Note" },
  result: { tr: "Sonuç", az: "Nəticə", en: "Result" },
  detail: { tr: "Ayrıntı", az: "Təfərrüat", en: "Detail" },
  choose: { tr: "Seçin…", az: "Seçin…", en: "Choose…" },
  noDetail: { tr: "Ayrıntı yok", az: "Təfərrüat yoxdur", en: "No detail" },
  needed: { tr: "Önce bir sonuç seçin.", az: "Əvvəlcə nəticəni seçin.", en: "Choose a result first." },
  save: { tr: "Sonucu kaydet", az: "Nəticəni yadda saxla", en: "Save the outcome" },
  saving: { tr: "Kaydediliyor…", az: "Yadda saxlanılır…", en: "Saving…" },
  cancel: { tr: "Vazgeç", az: "İmtina et", en: "Cancel" },
  loading: { tr: "Sonuçlar yükleniyor…", az: "Nəticələr yüklənir…", en: "Loading the results…" },
  none: {
    tr: "Seçilecek sonuç tanımlanmamış. Yöneticinize danışın.",
    az: "Seçiləcək nəticə təyin edilməyib. Administratorunuza müraciət edin.",
    en: "There are no results to choose from. Ask your administrator.",
  },
  mayBeSaved: {
    tr: "Kaydedilmiş olabilir; yeniden kaydetmeden önce bakın.",
    az: "Yadda saxlanmış ola bilər; yenidən saxlamazdan əvvəl baxın.",
    en: "It may have been saved; look before you save it again.",
  },
});
