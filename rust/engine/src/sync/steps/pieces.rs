//! What travels from a lane's reader to its writer, within the lane's share of the byte budget.

use crate::sync::budget::{Grant, LaneBudget};
use crate::sync::decide::item::Item;
use crate::sync::steps::body::Opening;
use crate::sync::steps::round::Round;
use crossbeam_channel::Sender;
use imapmig_core::ports::source::{BodyHead, BodySink};
use std::ops::ControlFlow;

/// The most bytes that travel as one piece.
const CHUNK: usize = 64 * 1024;
/// The largest message, in bytes, that travels whole: each piece may wake a thread.
const WHOLE: u64 = 32 * 1024;

/// One piece.
pub(super) enum Piece {
    /// These messages come next.
    Window(Vec<Item>),
    Begin(BodyHead),
    Chunk(Box<[u8]>, Grant),
    End,
    /// A small message from its beginning to its end.
    Whole(BodyHead, Box<[u8]>, Grant),
    /// All of the windows that the source delivers was delivered.
    Fetched,
}

/// Cuts bodies into pieces.
pub(super) struct Sink<'a> {
    round: &'a Round<'a>,
    share: &'a LaneBudget,
    pieces: Sender<Piece>,
    opening: Opening,
    /// A small message that is arriving.
    whole: Option<(BodyHead, Vec<u8>)>,
    /// What has arrived of a larger one and was not sent.
    filling: Filling,
}

/// Puts bytes together into full pieces: each piece may wake a thread, and from TLS they come in 16 kB.
#[derive(Default)]
struct Filling(Vec<u8>);

impl Filling {
    /// Takes bytes from the front of `bytes`, and returns a piece once it is full.
    fn fill(&mut self, bytes: &mut &[u8]) -> Option<Box<[u8]>> {
        if self.0.is_empty() {
            self.0.reserve_exact(CHUNK);
        }
        let (here, rest) = bytes.split_at(bytes.len().min(CHUNK - self.0.len()));
        self.0.extend_from_slice(here);
        *bytes = rest;
        (self.0.len() == CHUNK).then(|| std::mem::take(&mut self.0).into())
    }

    /// What is left when the message ends.
    fn rest(&mut self) -> Option<Box<[u8]>> {
        let rest = std::mem::take(&mut self.0);
        (!rest.is_empty()).then(|| rest.into())
    }
}

impl<'a> Sink<'a> {
    pub(super) fn new(round: &'a Round<'a>, share: &'a LaneBudget, pieces: Sender<Piece>) -> Self {
        Self { round, share, pieces, opening: Opening::default(), whole: None, filling: Filling::default() }
    }

    /// The channel, for what is no body.
    pub(super) fn pieces(&self) -> Sender<Piece> {
        self.pieces.clone()
    }

    /// Sends a piece; `Break` if the receiver is gone.
    pub(super) fn send(&self, piece: Piece) -> ControlFlow<()> {
        if self.pieces.send(piece).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn gather(&mut self, mut bytes: &[u8]) -> ControlFlow<()> {
        while !bytes.is_empty() {
            if let Some(piece) = self.filling.fill(&mut bytes) {
                self.send_bytes(piece)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn send_bytes(&self, bytes: Box<[u8]>) -> ControlFlow<()> {
        let Some(grant) = self.share.take(bytes.len()) else { return ControlFlow::Break(()) };
        self.send(Piece::Chunk(bytes, grant))
    }
}

impl BodySink for Sink<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        if self.round.is_halted() {
            return ControlFlow::Break(());
        }
        // What is left of a message that broke off is dropped.
        self.whole = (head.size <= WHOLE).then(|| (head, Vec::with_capacity(head.size as usize)));
        if self.whole.is_some() {
            return ControlFlow::Continue(());
        }
        self.opening = Opening::default();
        self.filling = Filling::default();
        self.send(Piece::Begin(head))
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if let Some((_, whole)) = &mut self.whole {
            whole.extend_from_slice(bytes);
            return ControlFlow::Continue(());
        }
        let bytes = self.opening.pass(bytes);
        self.gather(&bytes)
    }

    fn end(&mut self) -> ControlFlow<()> {
        if let Some((head, bytes)) = self.whole.take() {
            let Some(grant) = self.share.take(bytes.len()) else { return ControlFlow::Break(()) };
            return self.send(Piece::Whole(head, bytes.into(), grant));
        }
        let bytes = self.opening.end();
        self.gather(&bytes)?;
        if let Some(rest) = self.filling.rest() {
            self.send_bytes(rest)?;
        }
        self.send(Piece::End)
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Filling};

    #[test]
    fn bytes_that_come_in_any_size_leave_in_full_pieces_and_all_of_them() {
        let sizes = [1, 16_384, 5, CHUNK, 0, 3 * CHUNK + 7, 16_383, CHUNK - 1];
        let bytes: Vec<u8> = (0..sizes.iter().sum()).map(|n: usize| (n % 251) as u8).collect();
        let mut filling = Filling::default();

        let mut pieces = Vec::new();
        let mut left = bytes.as_slice();
        for size in sizes {
            let (mut arrived, rest) = left.split_at(size);
            left = rest;
            while !arrived.is_empty() {
                pieces.extend(filling.fill(&mut arrived));
            }
        }
        let rest = filling.rest();

        assert!(pieces.iter().all(|piece| piece.len() == CHUNK));
        pieces.extend(rest);
        assert!(pieces.concat() == bytes, "{} bytes in {} pieces", bytes.len(), pieces.len());
        assert_eq!((pieces.len(), filling.rest()), (bytes.len().div_ceil(CHUNK), None));
    }
}
