//! The servers that tests run against, as data.
//!
//! Capabilities and texts are the servers' own as recorded; what is not implemented here is left out.

use super::Personality;
use crate::alter::Changes;
use crate::naming::Names;
use crate::rules::{
    AppendRules, Authzid, FetchOrder, FetchRules, Keywords, Limits, Literal8, LoginRules, Pipelining, Texts,
};

/// The exact capabilities of Exchange Online after login.
pub const EXCHANGE_ONLINE_CAPABILITY: &str = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID \
    UNSELECT CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+";

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A server that follows the standards and supports every extension that is implemented here.
pub(crate) fn generic() -> Personality {
    Personality {
        name: "generic".into(),
        greeting: "IMAP4rev1 server ready".into(),
        before_login: words("IMAP4rev1 SASL-IR ID ENABLE LITERAL+ AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2"),
        after_login: words(
            "IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS UNSELECT CHILDREN MOVE CONDSTORE \
             QRESYNC ESEARCH MULTIAPPEND LIST-EXTENDED LIST-STATUS STATUS=SIZE SPECIAL-USE \
             CREATE-SPECIAL-USE BINARY UTF8=ACCEPT",
        ),
        announce_after_login: true,
        names: Names {
            delimiter: '/',
            prefix: String::new(),
            shared: None,
            case_insensitive: false,
            reserved: Vec::new(),
            forbidden: String::new(),
            max_length: None,
            utf8_in_name_only: false,
            makes: None,
            fatal: None,
            default_folders: Vec::new(),
        },
        login: LoginRules {
            passwords: true,
            admin_names: true,
            authzid: Authzid::Honoured,
            swallows_pipelined: false,
            tokens: None,
            token_challenge: r#"{"status":"401","schemes":"bearer","scope":"mail"}"#.into(),
        },
        select_uidnext: true,
        append: AppendRules {
            changes: Changes::NONE,
            drops_flags: false,
            drops_keywords: false,
            keywords: Keywords::Keep,
            refusals: Vec::new(),
            max_size: None,
            quota: None,
            misreads_longer_than: None,
        },
        fetch: FetchRules {
            size_error: 0,
            literal8: Literal8::Never,
            order: FetchOrder::Ascending,
            unsolicited_every: None,
            odd: std::collections::BTreeMap::new(),
        },
        pipelining: Pipelining::Kept,
        limits: Limits { connections: None, errors: None, commands_per_token: None },
        texts: Texts {
            login_ok: "Logged in".into(),
            login_failed: "[AUTHENTICATIONFAILED] Authentication failed.".into(),
            append_ok: "Append completed.".into(),
            bad_command: "Error in IMAP command received by server.".into(),
            no_mailbox: "Mailbox doesn't exist".into(),
            exists: "[ALREADYEXISTS] Mailbox already exists".into(),
            bad_name: "[CANNOT] Invalid mailbox name".into(),
            over_quota: "[OVERQUOTA] Quota exceeded (mailbox for user is full)".into(),
            throttled: "NO Request is throttled. Suggested Backoff Time: {ms} milliseconds".into(),
        },
        rewrite: None,
    }
}

/// Dovecot 2.3: LF becomes CRLF and NUL 0x80 at APPEND, zero-byte messages are refused.
pub(crate) fn dovecot() -> Personality {
    let mut p = generic();
    p.name = "dovecot".into();
    p.greeting = "Dovecot (Debian) ready.".into();
    p.before_login = words("IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN");
    p.after_login = words(
        "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS \
         LIST-EXTENDED CONDSTORE QRESYNC ESEARCH LIST-STATUS BINARY MOVE STATUS=SIZE LITERAL+ SPECIAL-USE",
    );
    p.append.changes = Changes { lf_to_crlf: true, nul_to_0x80: true, ..Changes::NONE };
    p.refusing(|m| m.raw.is_empty().then(|| "NO Can't save a zero byte message".into()))
}

/// Courier 5: prefix `INBOX.`, no UIDNEXT in SELECT, no LITERAL+, drops what is sent right behind LOGIN,
/// ignores the authorization identity, shows other users below `#shared.`
pub(crate) fn courier_like() -> Personality {
    let mut p = generic().with_hierarchy('.', "INBOX.");
    p.name = "courier-like".into();
    p.greeting = "[CAPABILITY IMAP4rev1 UIDPLUS CHILDREN NAMESPACE] Courier-IMAP ready.".into();
    p.before_login = words("IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE ENABLE UTF8=ACCEPT AUTH=PLAIN");
    p.after_login = p.before_login.clone();
    p.announce_after_login = false;
    p.names.shared = Some("#shared.".into());
    p.names.forbidden = "/".into();
    p.login.admin_names = false;
    p.login.authzid = Authzid::Ignored;
    p.login.swallows_pipelined = true;
    p.select_uidnext = false;
    p.append.changes =
        Changes { lf_to_crlf: true, drop_bare_cr: true, add_final_crlf: true, ..Changes::NONE };
    p.texts.login_ok = "LOGIN Ok.".into();
    p.texts.login_failed = "Login failed.".into();
    p.texts.append_ok = "APPEND Ok.".into();
    p.texts.bad_command = "NO Error in IMAP command received by server.".into();
    p.texts.no_mailbox = "Mailbox does not exist, or must be subscribed to.".into();
    p.texts.exists = "Mailbox already exists.".into();
    p.texts.bad_name = "Invalid mailbox name.".into();
    p
}

/// Cyrus 3.6: 8-bit header bytes become X; NUL and bare LF are refused unless they come as literal8.
pub(crate) fn cyrus_like() -> Personality {
    let mut p = generic();
    p.name = "cyrus-like".into();
    p.greeting = "imap.contoso.com Cyrus IMAP 3.6.1 server ready".into();
    p.before_login = words("IMAP4rev1 LITERAL+ ID ENABLE AUTH=PLAIN AUTH=LOGIN SASL-IR");
    p.after_login = words(
        "IMAP4rev1 LITERAL+ ID ENABLE BINARY CHILDREN CONDSTORE QRESYNC ESEARCH CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS \
         MOVE MULTIAPPEND NAMESPACE SPECIAL-USE STATUS=SIZE UIDPLUS UNSELECT IDLE APPENDLIMIT=4294967295",
    );
    p.names.forbidden = "^%\"\\".into();
    p.login.admin_names = false;
    p.append.changes = Changes { header_8bit_to_x: true, refuse_nul_and_lf: true, ..Changes::NONE };
    p.fetch.literal8 = Literal8::WithNul;
    p.texts.login_failed = "Login failed: authentication failure".into();
    p.texts.append_ok = "Completed".into();
    p.texts.no_mailbox = "Mailbox does not exist".into();
    p.texts.bad_name = "Invalid mailbox name".into();
    p.refusing(|m| m.raw.is_empty().then(|| "NO Zero-length message literal".into()))
}

/// Exchange Online: tokens only, one mailbox per account, German default folders on request.
pub(crate) fn exchange_online() -> Personality {
    let mut p = generic();
    p.name = "exchange-online".into();
    p.greeting = "The Microsoft Exchange IMAP4 service is ready.".into();
    p.before_login = words(
        "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
    );
    p.after_login = words(EXCHANGE_ONLINE_CAPABILITY);
    p.announce_after_login = false;
    p.names.case_insensitive = true;
    p.names.reserved = vec!["Files".into()];
    p.names.max_length = Some(250);
    p.login.passwords = false;
    p.login.admin_names = false;
    p.login.authzid = Authzid::Refused;
    p.append.max_size = Some((37_748_736, "NO Maximum message size exceeded. 11".into()));
    p.limits.errors = Some(10);
    p.texts.login_ok = "{verb} completed.".into();
    p.texts.login_failed = "{verb} failed.".into();
    p.texts.append_ok = "APPEND completed.".into();
    p.texts.bad_command = "Command Error. 12".into();
    p.texts.no_mailbox = "The requested folder doesn't exist.".into();
    p.texts.exists = "Folder already exists.".into();
    p.texts.bad_name = "CREATE failed.".into();
    p.texts.over_quota = "[OVERQUOTA] The mailbox is full.".into();
    p.with_exchange_folders(EXCHANGE_ENGLISH)
}

/// Exchange Online's mailbox of a German user: `Gesendete Elemente` and so on, without special-use.
pub(crate) fn exchange_online_german() -> Personality {
    exchange_online().with_exchange_folders(EXCHANGE_GERMAN)
}

/// Gmail, as far as it concerns a copy: APPENDLIMIT, special-use folders below `[Gmail]`, no QRESYNC.
pub(crate) fn gmail_like() -> Personality {
    let mut p = generic();
    p.name = "gmail-like".into();
    p.greeting = "Gimap ready for requests".into();
    p.before_login = words("IMAP4rev1 UNSELECT IDLE NAMESPACE ID CHILDREN SASL-IR AUTH=XOAUTH2 AUTH=PLAIN");
    p.after_login = words(
        "IMAP4rev1 UNSELECT IDLE NAMESPACE ID CHILDREN UIDPLUS ENABLE MOVE CONDSTORE UTF8=ACCEPT \
         LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
    );
    p.append.max_size = Some((35_651_584, "NO [TOOBIG] Message too large.".into()));
    p.append.keywords = Keywords::Keep;
    p.names.default_folders = [
        ("[Gmail]", Some("\\Noselect")),
        ("[Gmail]/All Mail", Some("\\All")),
        ("[Gmail]/Drafts", Some("\\Drafts")),
        ("[Gmail]/Sent Mail", Some("\\Sent")),
        ("[Gmail]/Spam", Some("\\Junk")),
        ("[Gmail]/Trash", Some("\\Trash")),
    ]
    .map(|(path, attribute)| (path.to_owned(), attribute.map(str::to_owned)))
    .to_vec();
    p
}

/// The folders of an English mailbox at Exchange Online.
pub const EXCHANGE_ENGLISH: &[&str] = &[
    "Archive",
    "Calendar",
    "Contacts",
    "Deleted Items",
    "Drafts",
    "Junk Email",
    "Notes",
    "Outbox",
    "Sent Items",
    "Tasks",
];

/// The folders of a German mailbox at Exchange Online.
pub const EXCHANGE_GERMAN: &[&str] = &[
    "Archiv",
    "Aufgaben",
    "Entwürfe",
    "Gelöschte Elemente",
    "Gesendete Elemente",
    "Junk-E-Mail",
    "Kalender",
    "Kontakte",
    "Notizen",
    "Postausgang",
];
