//! From an endpoint and a user's row to a login.

use super::tokens::token_source;
use super::{Accounts, Configured, Row};
use crate::adapters::state::StateDirectory;
use crate::context::Trial;
use crate::messages::{endpoints, engine_failures};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{AdministratorLogin, Authentication};
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::secret::Secret;
use imapmig_imap::Login;
use std::sync::Arc;

/// How a row signs in at its source.
pub(super) fn at_source(accounts: &Accounts, at: Configured<'_>, row: Row<'_>) -> Result<Login, Failure> {
    let user_name = row.user.user_name.clone();
    if at.endpoint.settings.authentication == Authentication::OAuth {
        let tokens = accounts.tokens.of(&accounts.directory, at.endpoint, at.secrets)?;
        return Ok(Login::OAuth { user_name, tokens });
    }
    Ok(Login::Password { user_name, password: row.secrets.password.clone() })
}

/// The account that a row's mail goes to.
pub(super) fn target_account(row: Row<'_>) -> &str {
    row.user.target_user_name.as_deref().unwrap_or(&row.user.email_address)
}

/// How a row signs in at its target: with a token, its own password, or an administrator's.
pub(super) fn at_target(accounts: &Accounts, at: Configured<'_>, row: Row<'_>) -> Result<Login, Failure> {
    let account = target_account(row);
    if at.endpoint.settings.authentication == Authentication::OAuth {
        let tokens = accounts.tokens.of(&accounts.directory, at.endpoint, at.secrets)?;
        return Ok(Login::OAuth { user_name: account.to_owned(), tokens });
    }
    if let Some(password) = &row.secrets.target_password {
        return Ok(Login::Password { user_name: account.to_owned(), password: password.clone() });
    }
    let (Some(administrator), Some(password)) =
        (&at.endpoint.settings.administrator, &at.secrets.administrator_password)
    else {
        return Err(engine_failures::no_target_login(account, &at.endpoint.name));
    };
    let user_name = row.user.target_user_name.as_deref().unwrap_or(&row.user.user_name);
    Ok(by_administrator(administrator, account, &row.user.email_address, user_name, password))
}

/// How a test signs in.
pub(super) enum TrialLogin {
    /// Like this.
    With(Login),
    /// It is not tried, for this reason.
    NotTried(String),
}

/// How a test of an endpoint signs in. A token is asked for even when there is no mailbox to use it on.
pub(super) fn of_trial(
    directory: &StateDirectory,
    trial: &Trial,
    clock: Arc<dyn Clock>,
    cancel: &Cancel,
) -> Result<TrialLogin, Failure> {
    let settings = &trial.settings;
    let mailbox = settings.test_mailbox.as_deref();
    if settings.authentication == Authentication::OAuth {
        let tokens = token_source(directory, settings, &trial.secrets, clock)?;
        tokens.token(cancel)?;
        return Ok(match mailbox {
            Some(mailbox) => TrialLogin::With(Login::OAuth { user_name: mailbox.to_owned(), tokens }),
            None => TrialLogin::NotTried(endpoints::token_without_mailbox()),
        });
    }
    let (Some(administrator), Some(password)) =
        (&settings.administrator, &trial.secrets.administrator_password)
    else {
        return Ok(TrialLogin::NotTried(endpoints::no_sign_in()));
    };
    Ok(match mailbox {
        Some(mailbox) => {
            TrialLogin::With(by_administrator(administrator, mailbox, mailbox, mailbox, password))
        }
        // The administrator need not have a mailbox: at Dovecot a master user has none, and cannot sign in.
        None => TrialLogin::NotTried(endpoints::administrator_untried()),
    })
}

/// Signs in to `account` with an administrator's password.
fn by_administrator(
    administrator: &AdministratorLogin,
    account: &str,
    email_address: &str,
    user_name: &str,
    password: &Secret,
) -> Login {
    match &administrator.login_format {
        Some(format) => Login::Password {
            user_name: format.replace("{EmailAddress}", email_address).replace("{UserName}", user_name),
            password: password.clone(),
        },
        None => Login::Plain {
            authorization: account.to_owned(),
            authentication: administrator.user_name.clone(),
            password: password.clone(),
        },
    }
}
