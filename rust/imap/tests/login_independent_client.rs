//! A second opinion: the `imap` crate, an independent client, sees the names that this crate made.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::folder::FolderPath;
use imapmig_imap::command::Command;
use imapmig_imap::folders::Layout;
use imapmig_testkit::{Account, Personality, Server};
use std::net::TcpStream;
use support::{connect, password, plain};

#[test]
fn an_independent_client_lists_the_folders_that_were_made() {
    let names = ["Projets/\u{c9}t\u{e9} 2024", "a&b", "\u{53f0}\u{5317}", "plain"];
    for personality in [Personality::dovecot(), Personality::courier_like().without("UTF8=ACCEPT")] {
        let server =
            Server::new(personality).with_account(Account::new("terry.adams", "1091990")).start().unwrap();
        let mut session = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap();
        let layout = Layout::learn(&mut session).unwrap();
        let mut made = Vec::new();
        for name in names {
            let wire = layout.wire_of(&FolderPath::new(name.split('/')), session.utf8);
            let reply = session.run(&Command::new("CREATE").mailbox(&wire.0, session.utf8)).unwrap();
            assert!(reply.status.is_ok(), "{reply:?}");
            made.push(String::from_utf8(wire.0).unwrap());
        }

        let mut client = imap::Client::new(TcpStream::connect(server.addr()).unwrap());
        client.read_greeting().unwrap();
        let mut session = client.login("terry.adams", "1091990").map_err(|(error, _)| error).unwrap();
        let listed = session.list(None, Some("*")).unwrap();

        for name in made {
            assert!(listed.iter().any(|l| l.name() == name), "{name}");
        }
    }
}
