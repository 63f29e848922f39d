//! What a server holds when it starts: accounts, mailboxes, messages.

use std::collections::BTreeSet;

use crate::message::Message;

/// An account (a login) and its mailboxes.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) login: String,
    pub(crate) password: Secret,
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) admin: bool,
    pub(crate) mailbox_permission: bool,
    pub(crate) extra_subscriptions: Vec<String>,
}

/// A password that Debug does not show.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Account {
    /// An account with an empty INBOX.
    pub fn new(login: &str, password: &str) -> Account {
        Account {
            login: login.to_owned(),
            password: Secret(password.to_owned()),
            mailboxes: Vec::new(),
            admin: false,
            mailbox_permission: true,
            extra_subscriptions: Vec::new(),
        }
    }

    /// Adds a mailbox (INBOX too, if it shall hold messages).
    pub fn with_mailbox(mut self, mailbox: Mailbox) -> Account {
        self.mailboxes.push(mailbox);
        self
    }

    /// Makes this an administrator, who may open every other account:
    /// `Domain/Admin/User`, `User*Admin`, `#user@domain#Admin#`, or an authorization identity.
    pub fn admin(mut self) -> Account {
        self.admin = true;
        self
    }

    /// Signing in works, but every mailbox command is `BAD User is authenticated but not connected.`
    pub fn without_mailbox_permission(mut self) -> Account {
        self.mailbox_permission = false;
        self
    }

    /// Subscribes to a mailbox that does not exist.
    pub fn with_subscription(mut self, wire_name: &str) -> Account {
        self.extra_subscriptions.push(wire_name.to_owned());
        self
    }
}

/// A mailbox to start with.
#[derive(Debug, Clone)]
pub struct Mailbox {
    pub(crate) name: Name,
    pub(crate) messages: Vec<Message>,
    pub(crate) special_use: Option<String>,
    pub(crate) no_select: bool,
    pub(crate) subscribed: bool,
    pub(crate) uid_validity: Option<u32>,
    pub(crate) uid_next: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) enum Name {
    /// Parts joined with `/`, to be written with the server's prefix and delimiter.
    Path(String),
    /// The Unicode name as it is on this server.
    Exact(String),
    /// Bytes on the wire, never encoded.
    Wire(Vec<u8>),
}

impl Mailbox {
    fn named(name: Name) -> Mailbox {
        Mailbox {
            name,
            messages: Vec::new(),
            special_use: None,
            no_select: false,
            subscribed: true,
            uid_validity: None,
            uid_next: None,
        }
    }

    /// A mailbox by its path: `Projets/Été 2024` becomes `INBOX.Projets.Été 2024` where the server has such names.
    pub fn new(path: &str) -> Mailbox {
        Mailbox::named(Name::Path(path.to_owned()))
    }

    /// A mailbox by the exact Unicode name that this server shows.
    pub fn exact(name: &str) -> Mailbox {
        Mailbox::named(Name::Exact(name.to_owned()))
    }

    /// A mailbox whose name goes over the wire as these bytes: hostile and broken names.
    pub fn wire(name: &[u8]) -> Mailbox {
        Mailbox::named(Name::Wire(name.to_vec()))
    }

    /// Adds a message.
    pub fn with_message(mut self, message: Message) -> Mailbox {
        self.messages.push(message);
        self
    }

    /// Adds messages.
    pub fn with_messages(mut self, messages: impl IntoIterator<Item = Message>) -> Mailbox {
        self.messages.extend(messages);
        self
    }

    /// Sets the special-use attribute: `\Sent` (RFC 6154).
    pub fn special_use(mut self, attribute: &str) -> Mailbox {
        self.special_use = Some(attribute.to_owned());
        self
    }

    /// Makes it a parent that cannot be selected.
    pub fn no_select(mut self) -> Mailbox {
        self.no_select = true;
        self
    }

    /// Leaves it out of the subscriptions.
    pub fn unsubscribed(mut self) -> Mailbox {
        self.subscribed = false;
        self
    }

    /// Sets UIDVALIDITY.
    pub fn uid_validity(mut self, value: u32) -> Mailbox {
        self.uid_validity = Some(value);
        self
    }

    /// Sets the UID of the first message.
    pub fn first_uid(mut self, value: u32) -> Mailbox {
        self.uid_next = Some(value);
        self
    }
}

/// Separates system flags, which begin with a backslash, from keywords.
pub(crate) fn split_flags(flags: impl IntoIterator<Item = String>) -> (BTreeSet<String>, BTreeSet<String>) {
    flags.into_iter().partition(|f| f.starts_with('\\'))
}
