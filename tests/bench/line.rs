//! The line between the programs and the servers: plain, inside TLS, or far away.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use imapmig_testkit::DelayProxy;
use imapmig_tests::Dovecot;

/// How the programs reach the servers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) tls: bool,
    /// The round trip; zero is loopback alone.
    pub(crate) round_trip: Duration,
}

impl FromStr for Line {
    type Err = String;

    /// `plain`, `tls`, `40ms`, `tls-40ms`.
    fn from_str(text: &str) -> Result<Line, String> {
        let (tls, rest) = match text.strip_prefix("tls") {
            Some(rest) => (true, rest.trim_start_matches('-')),
            None => (false, text),
        };
        let round_trip = match rest.strip_suffix("ms") {
            Some(number) => Duration::from_millis(number.parse().map_err(|_| format!("no time: {number}"))?),
            None if rest == "plain" || (tls && rest.is_empty()) => Duration::ZERO,
            None => return Err(format!("not a line: {text} (plain, tls, 40ms, tls-40ms)")),
        };
        Ok(Line { tls, round_trip })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tls, self.round_trip.as_millis()) {
            (false, 0) => f.write_str("loopback"),
            (true, 0) => f.write_str("loopback with TLS"),
            (false, ms) => write!(f, "{ms} ms round trip"),
            (true, ms) => write!(f, "{ms} ms round trip with TLS"),
        }
    }
}

/// The two ports that a program is given, and what stands behind them.
pub(crate) struct Ends {
    pub(crate) source: u16,
    pub(crate) target: u16,
    pub(crate) tls: bool,
    _proxies: Vec<DelayProxy>,
}

impl Line {
    /// Lays the line between a program and two servers.
    pub(crate) fn lay(self, source: &Dovecot, target: &Dovecot) -> Ends {
        let mut proxies = Vec::new();
        let mut reach = |server: &Dovecot| {
            let port = if self.tls { server.tls_port } else { server.port };
            if self.round_trip.is_zero() {
                return port;
            }
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let proxy = DelayProxy::start(address, self.round_trip).expect("a port of 127.0.0.1 is free");
            let port = proxy.port();
            proxies.push(proxy);
            port
        };
        let (source, target) = (reach(source), reach(target));
        Ends { source, target, tls: self.tls, _proxies: proxies }
    }
}
