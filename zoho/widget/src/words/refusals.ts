// What is said where the API itself could say nothing: the gateway answered, or nobody.

import { words } from "./language.ts";

export const refusalWords = words({
  signedOut: {
    tr: "Santral'de oturumunuz açık değil. Sayfayı yenileyin; sürerse yöneticinize bildirin.",
    az: "Santralda sessiyanız açıq deyil. Səhifəni yeniləyin; davam edərsə, administratorunuza bildirin.",
    en: "You are not signed in to Santral. Reload the page; if it goes on, tell your administrator.",
  },
  notAllowed: {
    tr: "Bunu yapmaya yetkiniz yok. Yöneticinize danışın.",
    az: "Bunun üçün icazəniz yoxdur. Administratorunuza müraciət edin.",
    en: "You are not allowed to do this. Ask your administrator.",
  },
  noConnection: {
    tr: "Bunun için gereken Zoho bağlantısı size tanımlanmamış. Yöneticinize danışın.",
    az: "Bunun üçün lazım olan Zoho bağlantısı sizə verilməyib. Administratorunuza müraciət edin.",
    en: "You have not been given the Zoho connection this needs. Ask your administrator.",
  },
  unknownAction: {
    tr: "Santral bu işlemi tanımıyor. Sürümü eski olabilir.",
    az: "Santral bu əməliyyatı tanımır. Versiyası köhnə ola bilər.",
    en: "Santral does not know this action. It may be of an older version.",
  },
  tooLarge: {
    tr: "Bu, gönderilemeyecek kadar büyük.",
    az: "Bu, göndərilə bilməyəcək qədər böyükdür.",
    en: "This is too large to be sent.",
  },
  tooMuch: {
    tr: "Bir anda çok fazla istek oldu. Lütfen biraz bekleyin.",
    az: "Bir anda çox sorğu oldu. Zəhmət olmasa bir az gözləyin.",
    en: "That was too much at once. Please wait a moment.",
  },
  noAnswerInTime: {
    tr: "Santral zamanında yanıt vermedi. Yeniden denemeden önce ne olduğuna bakın.",
    az: "Santral vaxtında cavab vermədi. Yenidən cəhd etməzdən əvvəl nə baş verdiyinə baxın.",
    en: "Santral did not answer in time. Look before you try again.",
  },
  answeredWithError: {
    tr: "Santral'de bir sorun oldu. Yeniden denemeden önce ne olduğuna bakın.",
    az: "Santralda problem yarandı. Yenidən cəhd etməzdən əvvəl nə baş verdiyinə baxın.",
    en: "Something went wrong in Santral. Look before you try again.",
  },
  unreachable: {
    tr: "Santral'e ulaşılamıyor. Bağlantınızı denetleyin.",
    az: "Santrala çatmaq olmur. Bağlantınızı yoxlayın.",
    en: "Santral cannot be reached. Check your connection.",
  },
  fieldTo: { tr: "Numara:", az: "Nömrə:", en: "The number" },
  fieldText: { tr: "Mesaj:", az: "Mesaj:", en: "The message" },
  fieldExtension: { tr: "Dahili:", az: "Daxili nömrə:", en: "The extension" },
  fieldName: { tr: "Ad:", az: "Ad:", en: "The name" },
  fieldNote: { tr: "Not:", az: "Qeyd:", en: "The note" },
});
