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
}

impl<'a> Sink<'a> {
    pub(super) fn new(round: &'a Round<'a>, share: &'a LaneBudget, pieces: Sender<Piece>) -> Self {
        Self { round, share, pieces, opening: Opening::default(), whole: None }
    }

    /// The channel, for what is no body.
    pub(super) fn pieces(&self) -> Sender<Piece> {
        self.pieces.clone()
    }

    /// Sends a piece; `Break` if the receiver is gone.
    pub(super) fn send(&self, piece: Piece) -> ControlFlow<()> {
        if self.pieces.send(piece).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn send_bytes(&self, bytes: &[u8]) -> ControlFlow<()> {
        for bytes in bytes.chunks(CHUNK) {
            let Some(grant) = self.share.take(bytes.len()) else { return ControlFlow::Break(()) };
            self.send(Piece::Chunk(bytes.into(), grant))?;
        }
        ControlFlow::Continue(())
    }
}

impl BodySink for Sink<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        if self.round.is_halted() {
            return ControlFlow::Break(());
        }
        // What is left of a small message that broke off is dropped.
        self.whole = (head.size <= WHOLE).then(|| (head, Vec::with_capacity(head.size as usize)));
        if self.whole.is_some() {
            return ControlFlow::Continue(());
        }
        self.opening = Opening::default();
        self.send(Piece::Begin(head))
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if let Some((_, whole)) = &mut self.whole {
            whole.extend_from_slice(bytes);
            return ControlFlow::Continue(());
        }
        let bytes = self.opening.pass(bytes);
        self.send_bytes(&bytes)
    }

    fn end(&mut self) -> ControlFlow<()> {
        if let Some((head, bytes)) = self.whole.take() {
            let Some(grant) = self.share.take(bytes.len()) else { return ControlFlow::Break(()) };
            return self.send(Piece::Whole(head, bytes.into(), grant));
        }
        let bytes = self.opening.end();
        self.send_bytes(&bytes)?;
        self.send(Piece::End)
    }
}
