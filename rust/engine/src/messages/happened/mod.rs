//! The sentence for each [`Case`]: what happened, in neutral words; Exchange's sentence where Exchange has one; and the remedy.

mod connecting;
mod disk;
mod server;
mod sign_in;
mod token;
mod work;

use super::state;
use imapmig_core::failure::{Case, Failure, printable};

/// What is said about a case. A sentence begins with a small letter and has no full stop, so that it can stand within another one.
pub(super) struct Said {
    /// What happened.
    pub(super) happened: String,
    /// What can be done; completes "what happened; ...".
    remedy: Option<String>,
    /// Exchange's sentence, which takes the place of the others.
    exchanges: Option<String>,
}

impl Said {
    fn new(happened: impl Into<String>) -> Self {
        Self { happened: happened.into(), remedy: None, exchanges: None }
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn exchanges(mut self, sentence: impl Into<String>) -> Self {
        self.exchanges = Some(sentence.into());
        self
    }

    /// The whole: Exchange's sentence, or what happened and the remedy.
    pub(super) fn whole(self) -> String {
        match (self.exchanges, self.remedy) {
            (Some(sentence), _) => sentence,
            (None, Some(remedy)) => format!("{}; {remedy}", self.happened),
            (None, None) => self.happened,
        }
    }
}

/// What is said about a case. Names and texts of others cannot drive a terminal, and hold no marks of terms.
pub(super) fn said(case: &Case) -> Said {
    let said = match case {
        Case::Connecting(case) => connecting::said(case),
        Case::Server { host, conduct } => server::said(host.as_deref(), conduct),
        Case::SignIn(case) => sign_in::said(case),
        Case::Token(case) => token::said(case),
        Case::Disk(case) => disk::said(case),
        Case::Work(case) => work::said(case),
        Case::Store(error) => {
            let said = Said::new(state::happened(error));
            match state::remedy(error) {
                Some(remedy) => said.remedy(remedy),
                None => said,
            }
        }
    };
    Said { happened: printable(said.happened), exchanges: said.exchanges.map(printable), ..said }
}

/// What happened, in neutral words and without the remedy, and what the server said about it.
pub(super) fn plain(failure: &Failure) -> String {
    with_answer(&said(&failure.case).happened, failure)
}

/// The text, and what the server said about it.
pub(super) fn with_answer(text: &str, failure: &Failure) -> String {
    let answer = answer(failure);
    let stop = if answer.is_empty() { "" } else { "." };
    format!("{}{stop}{answer}", text.trim_end_matches('.'))
}

/// What the server said, to be put behind a sentence.
pub(super) fn answer(failure: &Failure) -> String {
    let said = failure.server_text.as_deref().map(str::trim).filter(|said| !said.is_empty());
    said.map(|said| format!(" The server said: {said}")).unwrap_or_default()
}
