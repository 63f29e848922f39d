//! STARTTLS and TLS from the first byte; without the feature `tls` there is neither.

use super::{Reply, Session};
use crate::wire::Flow;

#[cfg(not(feature = "tls"))]
impl Session {
    pub(crate) fn implicit_tls(&mut self) -> Flow<()> {
        Ok(())
    }

    pub(super) fn can_starttls(&self) -> bool {
        false
    }

    pub(super) fn starttls(&mut self) -> Flow<Reply> {
        Ok(self.bad_command())
    }
}

#[cfg(feature = "tls")]
mod offered {
    use super::{Flow, Reply, Session};
    use crate::faults::When;
    use crate::tls::TlsMode;
    use crate::wire::{Gone, Stream};

    impl Session {
        pub(crate) fn implicit_tls(&mut self) -> Flow<()> {
            match &self.shared.tls {
                Some(tls) if tls.mode == TlsMode::Implicit => self.handshake(),
                _ => Ok(()),
            }
        }

        pub(in crate::session) fn can_starttls(&self) -> bool {
            let plain = matches!(self.wire.stream, Stream::Plain(_));
            plain && self.shared.tls.as_ref().is_some_and(|t| t.mode == TlsMode::StartTls)
        }

        pub(in crate::session) fn starttls(&mut self) -> Flow<Reply> {
            if !self.can_starttls() || self.account.is_some() {
                return Ok(self.bad_command());
            }
            let tag = self.tag.clone();
            self.wire.send_line(&format!("{tag} OK Begin TLS negotiation now."))?;
            if let Some(what) = self.shared.faults.strike(None, |w| *w == When::AfterStarttlsOk) {
                self.wire.act(what)?;
            }
            self.wire.flush()?;
            self.wire.discard_input();
            self.handshake()?;
            Ok(Reply::Done)
        }

        fn handshake(&mut self) -> Flow<()> {
            let Some(tls) = &self.shared.tls else { return Err(Gone) };
            let stream = std::mem::replace(&mut self.wire.stream, Stream::Taken);
            let Stream::Plain(socket) = stream else { return Err(Gone) };
            let secured = tls.acceptor.accept(socket).map_err(|_| Gone)?;
            self.wire.stream = Stream::Tls(Box::new(secured));
            Ok(())
        }
    }
}
