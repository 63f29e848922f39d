//! The connectors that the engine uses to open sessions to one user's mail, as often as needed.

use crate::bulk::Bulk;
use crate::capability::Literals;
use crate::folders::Layout;
use crate::literal_trial::try_out;
use crate::literals::{LiteralHabit, LiteralHabits};
use crate::made_names::KnownNames;
use crate::optional::OptionalCommands;
use crate::pipelining::Pipelining;
use crate::scan::patient::Unlistable;
use crate::session::Session;
use crate::source::{Again, ImapSource};
use crate::target::ImapTarget;
use crate::{ImapServer, Login, hidden, signed_in, userroot};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::ports::source::{SourceConnector, SourceSession};
use imapmig_core::ports::target::{TargetConnector, TargetSession};
use imapmig_core::secret::Sent;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// One account on one server. Its hierarchy, once learnt, is kept for the next connection.
struct Account {
    server: ImapServer,
    login: Login,
    user_root: Option<String>,
    layout: OnceLock<Layout>,
    /// Whether the server accepts pipelined commands.
    pipelining: Arc<Pipelining>,
    /// Which optional commands the server handles.
    optional: OptionalCommands,
    /// Hides the password also between two connections: servers may remember it.
    _hidden: Option<Sent>,
    /// Whether a connection to read from has been silent for too long; absent where nothing is read but what was written.
    was_silent: Option<Arc<AtomicBool>>,
}

impl Account {
    fn new(server: ImapServer, login: Login, user_root: Option<String>) -> Self {
        let user_root = user_root.filter(|root| !root.is_empty());
        Self {
            _hidden: hidden::login(&login),
            server,
            login,
            user_root,
            layout: OnceLock::new(),
            pipelining: Arc::default(),
            optional: OptionalCommands::default(),
            was_silent: None,
        }
    }

    /// Signs in and sends the optional commands; returns whether names have the encoding that the session assumes.
    fn sign_in(&self, cancel: &Cancel) -> Result<(Session, bool), Failure> {
        let (mut session, preauthenticated) = signed_in(&self.server, &self.login, cancel)?;
        let agreed = preauthenticated || self.optional.run(&mut session)?;
        Ok((session, agreed))
    }

    fn open(&self, cancel: &Cancel) -> Result<(Session, Layout), Failure> {
        let (mut session, agreed) = self.sign_in(cancel)?;
        if !agreed {
            session.leave();
            session = self.sign_in(cancel)?.0;
        }
        session.pipelining = Arc::clone(&self.pipelining);
        if let Some(was_silent) = &self.was_silent {
            session.transport.waits().share_silence(was_silent);
        }
        let layout = match self.layout.get() {
            Some(layout) => layout.clone(),
            None => {
                let found = self.learn(&mut session)?;
                self.layout.get_or_init(|| found).clone()
            }
        };
        if let Some(root) = &self.user_root {
            session.account.push(' ');
            session.account.push_str(root);
        }
        Ok((session, layout))
    }

    fn learn(&self, session: &mut Session) -> Result<Layout, Failure> {
        let layout = self.optional.layout(session)?;
        match &self.user_root {
            Some(root) => userroot::find(session, &layout, root),
            None => Ok(layout),
        }
    }
}

struct Source {
    account: Arc<Account>,
    unlistable: Arc<Unlistable>,
}

impl SourceConnector for Source {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        let (session, layout) = self.account.open(cancel)?;
        let (account, cancel) = (Arc::clone(&self.account), cancel.clone());
        let reopen = Box::new(move || Ok(account.open(&cancel)?.0));
        let again = Again { reopen, unlistable: Arc::clone(&self.unlistable) };
        Ok(Box::new(ImapSource::new(session, layout).going_on(again)))
    }
}

struct Target {
    account: Arc<Account>,
    habit: LiteralHabit,
    unlistable: Arc<Unlistable>,
    names: Arc<KnownNames>,
}

impl TargetConnector for Target {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        let (session, layout) = self.account.open(cancel)?;
        let offered = session.capabilities.literals();
        let known = self.habit.literals(&session.capabilities);
        let mut bulk = Bulk::new(session);
        let earned = match known {
            Some(literals) => literals,
            None if try_out(&self.habit, &mut bulk, &layout)? => offered,
            None => {
                // The trial ended the connection.
                bulk = Bulk::new(self.account.open(cancel)?.0);
                Literals::Synchronizing
            }
        };
        let (account, cancel) = (Arc::clone(&self.account), cancel.clone());
        let reopen = Box::new(move || Ok(account.open(&cancel)?.0));
        let again = Again { reopen, unlistable: Arc::clone(&self.unlistable) };
        let target = ImapTarget::new(bulk, layout, earned, &self.habit);
        Ok(Box::new(target.going_on(again).knowing(Arc::clone(&self.names))))
    }
}

/// Opens one account's mail for reading; with `user_root`, only the folders below that path.
#[must_use]
pub fn source_connector(
    server: ImapServer,
    login: Login,
    user_root: Option<String>,
) -> Arc<dyn SourceConnector> {
    let was_silent = Some(Arc::default());
    let account = Arc::new(Account { was_silent, ..Account::new(server, login, user_root) });
    Arc::new(Source { account, unlistable: Arc::default() })
}

/// Opens one account's mail for writing. What the server does with literals that it did not ask for is looked up and noted in
/// `habits`.
#[must_use]
pub fn target_connector(
    server: ImapServer,
    login: Login,
    habits: &LiteralHabits,
) -> Arc<dyn TargetConnector> {
    let habit = habits.of(&server);
    let account = Arc::new(Account::new(server, login, None));
    Arc::new(Target { account, habit, unlistable: Arc::default(), names: Arc::default() })
}
