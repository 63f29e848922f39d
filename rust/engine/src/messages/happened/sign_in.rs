//! What is said about sign-ins that failed, or opened another mailbox.

use super::Said;
use crate::messages::terms::Term;
use imapmig_core::failure::{SignIn, Unsendable, printable};

pub(super) fn said(case: &SignIn) -> Said {
    match case {
        SignIn::Refused { host } => Said::new(format!("the server {host} refused the user name or password"))
            .remedy("check the user name and the password")
            .exchanges("We had trouble signing in to this account. Confirm that you're using the correct user name and password."),
        SignIn::PasswordNeedsTls { host } => {
            Said::new(format!("the server {host} takes no passwords without TLS"))
                .remedy(format!("use {} Tls or Ssl", Term::Security))
        }
        SignIn::PasswordNotTaken { host } => {
            Said::new(format!("the server {host} takes no passwords on this connection"))
                .remedy(format!("it may take tokens only (use {} OAuth)", Term::Authentication))
        }
        SignIn::Unsendable(what) => {
            let what = match what {
                Unsendable::Nul => "a NUL",
                Unsendable::ControlCharacter => "a control character",
            };
            Said::new(format!("a user name or password holds {what}, which cannot be sent to a server"))
        }
        SignIn::OtherMailboxNotPermitted => Said::new(
            "the password is right, but this account may not open the other one's mailbox, or there is no such mailbox; check the name and the administrator's rights",
        ),
        SignIn::MailboxNotPermitted => Said::new(
            "the sign-in worked, but the mailbox cannot be opened: it does not exist, or the account that signed in has no permission for it",
        )
        .remedy("in Exchange Online, Add-MailboxPermission -AccessRights FullAccess gives it"),
        SignIn::TokenRefused { host, user_name } => {
            Said::new(format!("the server {host} refused the access token for {user_name}"))
                .remedy(grants(user_name))
        }
        SignIn::AdministratorOpensOwnMailbox { host, administrator, user } => Said::new(format!(
            "the server {host} ignores whose mail \"{administrator}\" asks for (\"{user}\") and opens that administrator's own mailbox, where every user's mail would end"
        ))
        .remedy(format!(
            "set a {} that the server understands with {}, or add the columns TargetUserName and TargetPassword to the CSV file",
            Term::LoginFormat,
            Term::SetEndpoint
        )),
        SignIn::UserRootNotFound { user_root, host, tried } => Said::new(format!(
            "the UserRoot \"{user_root}\" was not found on the server {host}; check its spelling, and that the account may see it (tried: {})",
            tried.join(", ")
        )),
        SignIn::NoTargetLogin { account, endpoint } => Said::new(format!(
            "there is no way to sign in as \"{account}\" at the migration endpoint \"{endpoint}\""
        ))
        .remedy(format!(
            "set its administrator with {}, or add the columns TargetUserName and TargetPassword to the CSV file",
            Term::SetEndpoint
        )),
    }
}

/// What Microsoft 365 needs before it accepts an application's token for a mailbox.
fn grants(user_name: &str) -> String {
    format!(
        "in Microsoft 365 check, in this order: the application has the permission IMAP.AccessAsApp of Office 365 Exchange Online as an application permission, with admin consent; it is registered in Exchange Online (New-ServicePrincipal -AppId ... -ObjectId ..., the object id of the enterprise application); it may open the mailbox (Add-MailboxPermission -Identity {} -User <service principal> -AccessRights FullAccess); the mailbox exists and IMAP is enabled for it (Set-CASMailbox -ImapEnabled $true)",
        printable(user_name.to_owned())
    )
}
