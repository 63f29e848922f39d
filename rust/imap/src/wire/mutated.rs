//! The reader against what real servers said, changed here and there.

use super::tests::read_all;
use imapmig_core::failure::FailureKind;
use imapmig_testkit::mutated;

const TRANSCRIPTS: [&[u8]; 3] = [
    include_bytes!("../../tests/transcripts/dovecot.txt"),
    include_bytes!("../../tests/transcripts/courier.txt"),
    include_bytes!("../../tests/transcripts/cyrus.txt"),
];
const WORDS: [&str; 12] = [
    "\r\n",
    "{5}\r\n",
    "~{3}\r\n",
    "{5+}\r\n",
    "NIL",
    "* BYE [UNAVAILABLE] so long\r\n",
    "* 2 EXPUNGE\r\n",
    "* VANISHED 1:9\r\n",
    "* 1 FETCH (FLAGS (",
    "BODY[HEADER.FIELDS (\"",
    "+ go on\r\n",
    "\\\"",
];

#[test]
fn changed_transcripts_make_the_reader_neither_panic_nor_depend_on_how_they_are_cut() {
    mutated(&TRANSCRIPTS, &WORDS, 300, |bytes| {
        let (told, failure) = read_all(bytes, usize::MAX);

        assert!(matches!(failure.kind, FailureKind::Disconnected | FailureKind::Protocol), "{failure}");
        for most in [1, 7] {
            assert_eq!(read_all(bytes, most), (told.clone(), failure.clone()));
        }
    });
}
