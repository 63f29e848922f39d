//! Identities of what the state directory holds. Each is a GUID, as in Exchange, and none can be taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! guid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random identity.
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

guid!(
    /// A migration endpoint.
    EndpointId
);
guid!(
    /// A migration batch (Exchange's BatchGuid).
    BatchId
);
guid!(
    /// A user of a batch: one CSV row (Exchange's Guid of a migration user).
    UserId
);
guid!(
    /// One run of a confirmation: what is compared while neither logins nor endpoints change.
    ConfirmationId
);
guid!(
    /// A worker process that holds the lease on the state directory.
    WorkerId
);

/// The number of a mailbox checkpoint in the state database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxId(pub i64);
