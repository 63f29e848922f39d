//! The bytes of one connection: buffers, counts, literals, and the faults that strike at a byte.
//!
//! Knows lines and literals, not commands.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::counts::RoundTrips;
use crate::faults::{Faults, Pending, What, When};
use crate::rewriting::Rewrite;

/// The connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

pub(crate) type Flow<T> = Result<T, Gone>;

/// Plain or inside TLS.
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<native_tls::TlsStream<TcpStream>>),
    /// Between the two, while the handshake runs.
    #[cfg(feature = "tls")]
    Taken,
}

impl Stream {
    pub(crate) fn socket(&self) -> Option<&TcpStream> {
        match self {
            Stream::Plain(s) => Some(s),
            #[cfg(feature = "tls")]
            Stream::Tls(s) => Some(s.get_ref()),
            #[cfg(feature = "tls")]
            Stream::Taken => None,
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(s) => s.read(buffer),
            #[cfg(feature = "tls")]
            Stream::Tls(s) => s.read(buffer),
            #[cfg(feature = "tls")]
            Stream::Taken => Ok(0),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Plain(s) => s.write_all(bytes),
            #[cfg(feature = "tls")]
            Stream::Tls(s) => s.write_all(bytes).and_then(|()| s.flush()),
            #[cfg(feature = "tls")]
            Stream::Taken => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Orderly,
    /// Without TLS's close_notify.
    Cut,
    Reset,
}

pub(crate) struct Wire {
    pub(crate) stream: Stream,
    input: Vec<u8>,
    read_from: usize,
    output: Vec<u8>,
    sent: u64,
    received: u64,
    command_start: u64,
    sent_faults: Vec<Pending>,
    received_faults: Vec<Pending>,
    faults: Faults,
    ending: Ending,
    round_trips: Option<Arc<RoundTrips>>,
    /// When the oldest answer that is still held back was complete.
    answered_at: Option<Instant>,
    rewrite: Option<Rewrite>,
}

/// How long pipelined input is waited for where answers are not held back.
const SHORTEST_WAIT: Duration = Duration::from_millis(2);
const BUFFER: usize = 64 * 1024;
const MAX_LINE: usize = 1 << 20;

impl Wire {
    pub(crate) fn new(stream: Stream, faults: Faults, rewrite: Option<Rewrite>) -> Wire {
        let on = |f: &dyn Fn(&When) -> Option<u64>| faults.watch(None, f);
        let sent_faults = on(&|w| if let When::Sent(n) = w { Some(*n) } else { None });
        let received_faults = on(&|w| if let When::Received(n) = w { Some(*n) } else { None });
        Wire {
            stream,
            input: Vec::new(),
            read_from: 0,
            output: Vec::new(),
            sent: 0,
            received: 0,
            command_start: 0,
            sent_faults,
            received_faults,
            faults,
            ending: Ending::Orderly,
            round_trips: None,
            answered_at: None,
            rewrite,
        }
    }

    /// Counts from now on how often the client waits for an answer.
    pub(crate) fn count_round_trips(&mut self, counter: Arc<RoundTrips>) {
        self.round_trips = Some(counter);
    }

    /// Puts bytes into the output, unless a fault stops them half-way.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> Flow<()> {
        loop {
            let end = self.sent + bytes.len() as u64;
            let due = self.sent_faults.iter().position(|p| p.after <= end);
            let Some(due) = due else { break };
            let fault = self.sent_faults.swap_remove(due);
            let take = usize::try_from(fault.after.saturating_sub(self.sent)).unwrap_or(0).min(bytes.len());
            self.put(&bytes[..take])?;
            bytes = &bytes[take..];
            self.strike(fault)?;
        }
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Flow<()> {
        self.sent += bytes.len() as u64;
        if bytes.len() >= BUFFER {
            self.flush()?;
            return self.stream.write_all(bytes).map_err(|_| Gone);
        }
        self.output.extend_from_slice(bytes);
        if self.output.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    pub(crate) fn send_line(&mut self, line: &str) -> Flow<()> {
        self.send_text(&format!("{line}\r\n"))
    }

    /// Sends text that ends a line, or what stands for it.
    pub(crate) fn send_text(&mut self, text: &str) -> Flow<()> {
        let reworded = self.rewrite.as_ref().map(|rewrite| rewrite.apply(text));
        self.send(reworded.as_deref().unwrap_or(text).as_bytes())
    }

    /// As [`Self::send_text`], for names that may be no text.
    pub(crate) fn send_answer(&mut self, line: &[u8]) -> Flow<()> {
        match std::str::from_utf8(line) {
            Ok(text) => self.send_text(text),
            Err(_) => self.send(line),
        }
    }

    /// Sends `+ text`, which the client waits for.
    pub(crate) fn send_continuation(&mut self, text: &str) -> Flow<()> {
        self.answered()?;
        self.send_line(&format!("+ {text}"))
    }

    pub(crate) fn flush(&mut self) -> Flow<()> {
        let output = std::mem::take(&mut self.output);
        let written = self.stream.write_all(&output);
        self.output = output;
        self.output.clear();
        written.map_err(|_| Gone)
    }

    fn strike(&mut self, fault: Pending) -> Flow<()> {
        match self.faults.fire(fault.id) {
            Some(what) => self.act(what),
            None => Ok(()),
        }
    }

    /// Carries out a fault. `Answer` and `Throttle` belong to the session; here they are sent as a line.
    pub(crate) fn act(&mut self, what: What) -> Flow<()> {
        match what {
            What::Cut => {
                self.ending = Ending::Cut;
                Err(Gone)
            }
            What::Reset => {
                self.ending = Ending::Reset;
                Err(Gone)
            }
            What::Stall => self.stall(None),
            What::StallFor(limit) => self.stall(Some(limit)),
            What::Bye(text) => {
                self.put(format!("* BYE {text}\r\n").as_bytes())?;
                Err(Gone)
            }
            What::Say(bytes) => self.put(&bytes),
            What::Endless(bytes) => loop {
                self.put(&bytes)?;
                self.flush()?;
            },
            What::Answer(text) => self.put(format!("{text}\r\n").as_bytes()),
            What::Throttle(time) => self.stall(Some(time)),
        }
    }

    fn stall(&mut self, limit: Option<Duration>) -> Flow<()> {
        self.flush()?;
        if self.faults.wait(limit) { Ok(()) } else { Err(Gone) }
    }

    /// Waits at positions in the answer to the command that begins now.
    pub(crate) fn watch_replies(&mut self, pending: Vec<Pending>) {
        let base = self.sent;
        self.sent_faults.extend(pending.into_iter().map(|p| Pending { after: base + p.after, ..p }));
    }

    /// Waits at positions in the command that is being received; strikes those already passed.
    pub(crate) fn watch_command(&mut self, pending: Vec<Pending>) -> Flow<()> {
        let base = self.command_start;
        self.received_faults.extend(pending.into_iter().map(|p| Pending { after: base + p.after, ..p }));
        self.check_received()
    }

    /// Waits at positions in the literal that comes next.
    pub(crate) fn watch_literal(&mut self, pending: Vec<Pending>) {
        let base = self.received;
        self.received_faults.extend(pending.into_iter().map(|p| Pending { after: base + p.after, ..p }));
    }

    /// Forgets positions that the command did not reach.
    pub(crate) fn forget(&mut self, ids: &[u64]) {
        self.sent_faults.retain(|p| !ids.contains(&p.id));
        self.received_faults.retain(|p| !ids.contains(&p.id));
    }

    fn check_received(&mut self) -> Flow<()> {
        while let Some(due) = self.received_faults.iter().position(|p| p.after <= self.received) {
            let fault = self.received_faults.swap_remove(due);
            self.strike(fault)?;
        }
        Ok(())
    }

    /// Marks where the next command begins.
    pub(crate) fn begin_command(&mut self) {
        self.command_start = self.received;
    }

    /// Reads a line without its end. Answers go out first, when there is nothing left to read.
    pub(crate) fn read_line(&mut self) -> Flow<Vec<u8>> {
        let mut scanned = self.read_from;
        loop {
            if let Some(at) = self.input[scanned..].iter().position(|&b| b == b'\n') {
                let end = scanned + at;
                let mut line = self.input[self.read_from..end].to_vec();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                self.take_input(end + 1 - self.read_from)?;
                return Ok(line);
            }
            let pending = self.input.len() - self.read_from;
            if pending > MAX_LINE {
                return Err(Gone);
            }
            self.fill()?;
            scanned = self.read_from + pending;
        }
    }

    /// Reads a literal, handing it over piece by piece.
    pub(crate) fn read_literal(&mut self, length: u64, mut each: impl FnMut(&[u8])) -> Flow<()> {
        let mut left = length;
        while left > 0 {
            if self.read_from == self.input.len() {
                self.fill()?;
            }
            let have = self.input.len() - self.read_from;
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(have);
            each(&self.input[self.read_from..self.read_from + take]);
            self.take_input(take)?;
            left -= take as u64;
        }
        Ok(())
    }

    /// Discards input that has arrived and was not read.
    pub(crate) fn discard_input(&mut self) {
        self.input.clear();
        self.read_from = 0;
    }

    /// Marks an answer, a continuation or the greeting as complete: whatever the client sends later on may have
    /// waited for it.
    pub(crate) fn answered(&mut self) -> Flow<()> {
        self.answered_at.get_or_insert_with(Instant::now);
        // Its last line must not leave early because the answer filled the buffer.
        if self.output.len() > BUFFER / 2 { self.flush() } else { Ok(()) }
    }

    /// Returns whether input follows that the client sent before its command was answered.
    pub(crate) fn is_pipelined(&mut self) -> Flow<bool> {
        if self.read_from < self.input.len() {
            return Ok(true);
        }
        let hold = self.round_trips.as_ref().map_or(Duration::ZERO, |r| r.time()).max(SHORTEST_WAIT);
        self.fill_within(hold)
    }

    fn take_input(&mut self, count: usize) -> Flow<()> {
        self.read_from += count;
        self.received += count as u64;
        self.check_received()
    }

    fn fill(&mut self) -> Flow<()> {
        let mut waited = false;
        if let (Some(answered), Some(counter)) = (self.answered_at, self.round_trips.clone()) {
            let left = counter.time().saturating_sub(answered.elapsed());
            if !left.is_zero() && self.fill_within(left)? {
                return Ok(());
            }
            waited = true;
        }
        self.answered_at = None;
        self.flush()?;
        let count = self.read_more().unwrap_or(0);
        if count == 0 {
            return Err(Gone);
        }
        if let (true, Some(counter)) = (waited, &self.round_trips) {
            counter.add();
        }
        Ok(())
    }

    /// Reads what arrives within a time; `false` if nothing does. Sends nothing.
    fn fill_within(&mut self, limit: Duration) -> Flow<bool> {
        let timeout = |wire: &Wire, limit| wire.stream.socket().map(|s| s.set_read_timeout(limit));
        if !matches!(timeout(self, Some(limit)), Some(Ok(()))) {
            return Err(Gone);
        }
        let read = self.read_more();
        timeout(self, None);
        match read {
            Ok(0) => Err(Gone),
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(false),
            Err(_) => Err(Gone),
        }
    }

    fn read_more(&mut self) -> io::Result<usize> {
        if self.read_from > 0 {
            self.input.drain(..self.read_from);
            self.read_from = 0;
        }
        let old = self.input.len();
        self.input.resize(old + BUFFER, 0);
        let read = loop {
            match self.stream.read(&mut self.input[old..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.input.truncate(old + read.as_ref().copied().unwrap_or(0));
        read
    }

    /// Ends the connection. An orderly end lets the client read everything before it sees the end, whatever it
    /// is still sending: closing with unread input would reset the connection and lose our last bytes.
    pub(crate) fn close(mut self) {
        if self.ending == Ending::Reset {
            if let Some(socket) = self.stream.socket() {
                let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
            }
            return;
        }
        if self.flush().is_err() {
            return;
        }
        #[cfg(feature = "tls")]
        if let (Ending::Orderly, Stream::Tls(tls)) = (self.ending, &mut self.stream) {
            let _ = tls.shutdown();
        }
        let Some(mut socket) = self.stream.socket() else { return };
        if socket.shutdown(Shutdown::Write).is_ok() {
            let mut sink = [0; 8192];
            while socket.read(&mut sink).is_ok_and(|n| n > 0) {}
        }
    }
}
