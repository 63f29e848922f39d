//! Which folder is used for what: by the server's attribute (RFC 6154), else by the usual names in the usual languages.
//!
//! At most one folder gets a use. A name counts only at the top or directly below INBOX, and only where no folder carries
//! the attribute. Pure.

use crate::folder::{Folder, FolderPath, SpecialUse};
use std::collections::{BTreeMap, HashMap};
use unicode_normalization::UnicodeNormalization;

/// The usual names, most specific first; compared in any case and Unicode form. Several clients' and servers' words for
/// each language: English, German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Norwegian, Finnish,
/// Polish, Czech, Slovak, Hungarian, Romanian, Russian, Ukrainian, Bulgarian, Greek, Turkish, Hebrew, Arabic, Japanese, Chinese, Korean.
#[rustfmt::skip]
const NAMES: [(SpecialUse, &[&str]); 5] = [
    (
        SpecialUse::Sent,
        &[
            "Sent Items", "Sent", "Sent Messages", "Sent Mail", "Sent-Mail", "Gesendete Elemente", "Gesendete Objekte",
            "Gesendet", "Gesendete Nachrichten", "Éléments envoyés", "Messages envoyés", "Envoyés", "Courrier envoyé",
            "Elementos enviados", "Mensajes enviados", "Enviados", "Correo enviado", "Itens Enviados", "Mensagens enviadas",
            "Itens enviados", "E-mails enviados", "Posta inviata", "Inviata", "Messaggi inviati", "Inviati", "Elementi inviati",
            "Verzonden items", "Verzonden", "Verzonden berichten", "Skickade objekt", "Skickat", "Skickade", "Sendt post",
            "Sendte elementer", "Sendt", "Sendte", "Lähetetyt", "Lähetetyt viestit", "Elementy wysłane", "Wysłane",
            "Odeslaná pošta", "Odeslané", "Odoslaná pošta", "Odoslané", "Elküldött elemek", "Elküldött", "Elemente trimise",
            "Trimise", "Отправленные", "Отправленные элементы", "Надіслані", "Изпратени", "Изпратена поща", "Απεσταλμένα",
            "Gönderilmiş Öğeler", "Gönderilenler", "Gönderilmiş", "פריטים שנשלחו", "العناصر المرسلة", "送信済みアイテム", "送信済み",
            "送信済みメール", "已发送邮件", "已发送", "已傳送郵件", "寄件備份", "보낸 편지함", "보낸 메일함",
        ],
    ),
    (
        SpecialUse::Drafts,
        &[
            "Drafts", "Draft", "Entwürfe", "Brouillons", "Borradores", "Rascunhos", "Bozze", "Concepten", "Utkast",
            "Kladder", "Luonnokset", "Kopie robocze", "Wersje robocze", "Szkice", "Koncepty", "Rozepsané", "Piszkozatok",
            "Ciorne", "Schițe", "Черновики", "Чернетки", "Чернови", "Πρόχειρα", "Taslaklar", "טיוטות", "المسودات", "مسودات",
            "下書き", "草稿", "草稿箱", "임시 보관함", "임시보관함",
        ],
    ),
    (
        SpecialUse::Trash,
        &[
            "Deleted Items", "Trash", "Deleted Messages", "Deleted", "Bin", "Gelöschte Elemente", "Gelöschte Objekte",
            "Papierkorb", "Gelöscht", "Éléments supprimés", "Corbeille", "Messages supprimés", "Elementos eliminados",
            "Papelera", "Eliminados", "Itens Excluídos", "Itens Eliminados", "Lixeira", "Lixo", "Reciclagem",
            "Posta eliminata", "Cestino", "Elementi eliminati", "Verwijderde items", "Prullenbak", "Prullenmand",
            "Borttagna objekt", "Papperskorgen", "Slettet post", "Slettede elementer", "Papirkurv", "Søppel", "Papirkurven",
            "Poistetut", "Roskakori", "Elementy usunięte", "Kosz", "Usunięte", "Odstraněná pošta", "Koš", "Odstránená pošta",
            "Kôš", "Törölt elemek", "Kuka", "Lomtár", "Elemente șterse", "Coș de gunoi", "Удаленные", "Удалённые", "Корзина",
            "Видалені", "Кошик", "Изтрити", "Кошче", "Διαγραμμένα", "Κάδος απορριμμάτων", "Silinmiş Öğeler", "Çöp Kutusu",
            "Çöp", "פריטים שנמחקו", "אשפה", "العناصر المحذوفة", "المهملات", "削除済みアイテム", "ゴミ箱", "ごみ箱", "已删除邮件",
            "已删除", "废件箱", "刪除的郵件", "垃圾桶", "지운 편지함", "휴지통",
        ],
    ),
    (
        SpecialUse::Junk,
        &[
            "Junk Email", "Junk E-mail", "Junk", "Spam", "Bulk Mail", "Junk-E-Mail", "Junk-E-Mails", "Unerwünscht",
            "Werbung", "Courrier indésirable", "Indésirables", "Pourriel", "Correo no deseado", "No deseado",
            "Correo electrónico no deseado", "Lixo Eletrônico", "Correio eletrônico não solicitado", "Posta indesiderata",
            "Indesiderata", "Ongewenste e-mail", "Ongewenst", "Skräppost", "Uønsket e-post", "Søppelpost", "Uønsket mail",
            "Roskaposti", "Wiadomości-śmieci", "Niechciana poczta", "Nevyžádaná pošta", "Nevyžiadaná pošta", "Levélszemét",
            "E-mail nedorit", "Нежелательная почта", "Спам", "Небажана пошта", "Нежелана поща", "Ανεπιθύμητη αλληλογραφία",
            "Önemsiz E-posta", "Gereksiz", "דואר זבל", "البريد الإلكتروني غير الهام", "迷惑メール", "垃圾邮件", "垃圾郵件", "정크 메일",
            "스팸 메일함", "스팸",
        ],
    ),
    (
        SpecialUse::Archive,
        &[
            "Archive", "Archives", "Archiv", "Archivo", "Arquivo Morto", "Arquivo", "Archivio", "Archief", "Arkiv",
            "Arkisto", "Archiwum", "Archív", "Archívum", "Arhivă", "Архив", "Архів", "Αρχειοθήκη", "Arşiv", "ארכיון",
            "أرشيف", "アーカイブ", "存档", "封存", "보관",
        ],
    ),
];

/// A name in the form in which names are compared: NFC, lower case, no outer blanks.
#[must_use]
pub fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

/// Which folder has which use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderUses(BTreeMap<FolderPath, SpecialUse>);

impl FolderUses {
    /// Finds the uses among the folders of one account.
    #[must_use]
    pub fn of(folders: &[Folder]) -> Self {
        let mut uses = BTreeMap::new();
        for folder in folders {
            if let Some(special_use) = folder.special_use
                && !uses.values().any(|u| *u == special_use)
            {
                uses.insert(folder.path.clone(), special_use);
            }
        }
        // Folded once: each is compared with every usual name.
        let mut usual: HashMap<String, Vec<&Folder>> = HashMap::new();
        for folder in folders.iter().filter(|f| f.selectable && f.special_use.is_none()) {
            if let Some(name) = usual_place(&folder.path) {
                usual.entry(folded(name)).or_default().push(folder);
            }
        }
        for (special_use, names) in NAMES {
            if uses.values().any(|u| *u == special_use) {
                continue;
            }
            let of_name = |name: &&str| {
                let folders = usual.get(&folded(name))?.iter().filter(|f| !uses.contains_key(&f.path));
                folders.min_by_key(|f| f.path.segments().len()).map(|f| f.path.clone())
            };
            if let Some(path) = names.iter().find_map(of_name) {
                uses.insert(path, special_use);
            }
        }
        Self(uses)
    }

    /// The use of the folder at `path`.
    #[must_use]
    pub fn of_path(&self, path: &FolderPath) -> Option<SpecialUse> {
        self.0.get(path).copied()
    }

    /// The folder that has this use.
    #[must_use]
    pub fn folder(&self, special_use: SpecialUse) -> Option<&FolderPath> {
        self.0.iter().find(|(_, u)| **u == special_use).map(|(path, _)| path)
    }
}

/// The name that counts, where the folder stands in a place at which names count.
fn usual_place(path: &FolderPath) -> Option<&str> {
    match path.segments() {
        [name] if name != "INBOX" => Some(name),
        [first, name] if first == "INBOX" || first == "[Gmail]" || first == "[Google Mail]" => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::WireName;

    fn folder(path: &str, special_use: Option<SpecialUse>) -> Folder {
        Folder {
            wire: WireName(path.into()),
            path: FolderPath::new(path.split('/')),
            special_use,
            selectable: true,
            subscribed: true,
        }
    }

    fn used(folders: &[Folder], special_use: SpecialUse) -> Option<String> {
        FolderUses::of(folders).folder(special_use).map(ToString::to_string)
    }

    #[test]
    fn the_attribute_decides_over_the_name() {
        let folders = [folder("Sent", None), folder("Out", Some(SpecialUse::Sent))];

        assert_eq!(used(&folders, SpecialUse::Sent).as_deref(), Some("Out"));
    }

    #[test]
    fn names_count_in_many_languages_and_in_any_case_and_unicode_form() {
        for name in [
            "GESENDETE ELEMENTE",
            "Éléments envoyés",
            "E\u{301}le\u{301}ments envoye\u{301}s",
            "送信済みアイテム",
        ] {
            assert_eq!(used(&[folder(name, None)], SpecialUse::Sent).as_deref(), Some(name));
        }
    }

    #[test]
    fn names_deep_in_the_hierarchy_do_not_count() {
        assert_eq!(used(&[folder("Customers/Sent", None)], SpecialUse::Sent), None);
        assert_eq!(used(&[folder("INBOX/Sent", None)], SpecialUse::Sent).as_deref(), Some("INBOX/Sent"));
    }

    #[test]
    fn a_use_belongs_to_one_folder_only() {
        let folders = [folder("Trash", None), folder("Deleted Items", None)];

        assert_eq!(used(&folders, SpecialUse::Trash).as_deref(), Some("Deleted Items"));
        assert_eq!(FolderUses::of(&folders).of_path(&FolderPath::new(["Trash"])), None);
    }

    #[test]
    fn no_name_stands_for_two_uses() {
        let all: Vec<_> = NAMES.iter().flat_map(|(_, names)| names.iter().map(|n| folded(n))).collect();
        let mut once: Vec<_> = all.clone();
        once.sort();
        once.dedup();

        let doubled: Vec<_> = once.iter().filter(|n| all.iter().filter(|m| m == n).count() > 1).collect();
        let between_uses = doubled.iter().filter(|n| {
            NAMES.iter().filter(|(_, names)| names.iter().any(|m| folded(m) == ***n)).count() > 1
        });
        assert_eq!(between_uses.count(), 0);
    }
}
