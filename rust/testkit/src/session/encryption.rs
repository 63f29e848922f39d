//! STARTTLS and TLS from the first byte; without the feature `tls` there is neither.

#[cfg(feature = "tls")]
pub(super) use offered::{can_starttls, implicit_tls, starttls};
#[cfg(not(feature = "tls"))]
pub(super) use refused::{can_starttls, implicit_tls, starttls};

use super::{Reply, Session};
use crate::wire::Flow;

#[cfg(not(feature = "tls"))]
mod refused {
    use super::{Flow, Reply, Session};

    pub(in crate::session) fn implicit_tls(_session: &mut Session) -> Flow<()> {
        Ok(())
    }

    pub(in crate::session) fn can_starttls(_session: &Session) -> bool {
        false
    }

    pub(in crate::session) fn starttls(session: &mut Session) -> Flow<Reply> {
        Ok(session.bad_command())
    }
}

#[cfg(feature = "tls")]
mod offered {
    use super::{Flow, Reply, Session};
    use crate::faults::When;
    use crate::tls::TlsMode;
    use crate::wire::{Gone, Stream};

    pub(in crate::session) fn implicit_tls(session: &mut Session) -> Flow<()> {
        match &session.shared.tls {
            Some(tls) if tls.mode == TlsMode::Implicit => handshake(session),
            _ => Ok(()),
        }
    }

    pub(in crate::session) fn can_starttls(session: &Session) -> bool {
        let plain = matches!(session.wire.stream, Stream::Plain(_));
        plain && session.shared.tls.as_ref().is_some_and(|t| t.mode == TlsMode::StartTls)
    }

    pub(in crate::session) fn starttls(session: &mut Session) -> Flow<Reply> {
        if !can_starttls(session) || session.account.is_some() {
            return Ok(session.bad_command());
        }
        let tag = session.tag.clone();
        session.wire.send_line(&format!("{tag} OK Begin TLS negotiation now."))?;
        if let Some(what) = session.shared.faults.strike(None, |w| *w == When::AfterStarttlsOk) {
            session.wire.act(what)?;
        }
        session.wire.flush()?;
        session.wire.discard_input();
        handshake(session)?;
        Ok(Reply::Done)
    }

    fn handshake(session: &mut Session) -> Flow<()> {
        let Some(tls) = &session.shared.tls else { return Err(Gone) };
        let stream = std::mem::replace(&mut session.wire.stream, Stream::Taken);
        let Stream::Plain(socket) = stream else { return Err(Gone) };
        let secured = tls.acceptor.accept(socket).map_err(|_| Gone)?;
        session.wire.stream = Stream::Tls(Box::new(secured));
        Ok(())
    }
}
