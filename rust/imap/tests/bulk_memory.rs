//! That messages of any size pass through without being held: in a process of its own, so that its memory tells.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Step, scripted_source, scripted_target, uids};
use imapmig_core::message::{Flags, InternalDate};
use imapmig_core::ports::source::{BodyHead, BodySink};
use imapmig_core::ports::target::{AppendHead, AppendKey, AppendOutcome};
use std::ops::ControlFlow;

const SIZE: u64 = 100_000_000;

#[derive(Default)]
struct Counting {
    bytes: u64,
    ended: bool,
}

impl BodySink for Counting {
    fn begin(&mut self, _head: BodyHead) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.bytes += bytes.len() as u64;
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        self.ended = true;
        ControlFlow::Continue(())
    }
}

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_hundred_megabytes_pass_in_both_directions_within_a_few() {
    let (from, mut source) = scripted_source(
        b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\nA3 OK open\r\n",
        [
            Step::Hear("UID FETCH 1 (UID BODY.PEEK[])"),
            Step::Say(b"* 1 FETCH (UID 1 BODY[] {100000000}\r\n"),
            Step::Pour(SIZE),
            Step::Say(b")\r\nA4 OK\r\n"),
        ],
    );
    let (to, mut target) = scripted_target(
        "LITERAL+",
        [
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {100000000}"),
            Step::Say(b"+ go\r\n"),
            Step::Take(SIZE + 2),
            Step::Say(b"A4 OK\r\n"),
        ],
    );
    let before = peak();
    let mut counting = Counting::default();
    let head = AppendHead {
        key: AppendKey(1),
        size: SIZE,
        flags: Flags::default(),
        internal_date: InternalDate::utc(1_577_836_800),
        literal8: false,
        origin: String::new(),
    };
    let mut outcomes = Vec::new();

    source.fetch(&uids([1]), &mut counting).unwrap();
    target.append_begin(&head, &mut outcomes).unwrap();
    for _ in 0..SIZE / 50_000 {
        target.append_chunk(&[b'x'; 50_000]).unwrap();
    }
    target.append_end(&mut outcomes).unwrap();
    target.append_finish(&mut outcomes).unwrap();

    assert_eq!((counting.bytes, counting.ended), (SIZE, true));
    assert_eq!(outcomes, [(AppendKey(1), AppendOutcome::Stored(None))]);
    let grown = peak() - before;
    assert!(grown < 8_000_000, "{grown} bytes more");
    from.finish();
    to.finish();
}
