//! Bodies that are asked for together with the listing of a folder: which of them arrive, and what becomes of the others.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Bodies, at, filled, inbox, uids};
use imapmig_core::cancel::Cancel;
use imapmig_core::message::MessageMeta;
use imapmig_core::ports::source::{Scan, SourceConnector, SourceSession};
use imapmig_imap::connectors::source_connector;
use imapmig_testkit::{Fault, Personality, RunningServer, What, When};
use std::ops::ControlFlow;
use std::sync::Arc;

const MESSAGES: u32 = 20;
/// Lists the messages, or fetches all bodies.
const FETCHES: &str = "UID FETCH";

fn server() -> RunningServer {
    filled(Personality::dovecot(), MESSAGES as usize, 3000)
}

/// A way to the server, which has shown that it takes commands early.
fn connector(server: &RunningServer) -> Arc<dyn SourceConnector> {
    let (address, login) = at(server.port());
    let connector = source_connector(address, login, None);
    assert_eq!(listed(connector.connect(&Cancel::new()).unwrap().as_mut()).len(), MESSAGES as usize);
    connector
}

fn listed(source: &mut dyn SourceSession) -> Vec<MessageMeta> {
    let mut metas = Vec::new();
    let mut each = |meta| {
        metas.push(meta);
        ControlFlow::Continue(())
    };
    source.open_and_scan(&inbox(), Scan::All, &mut each).unwrap();
    metas
}

/// Fetches these messages as one window.
fn fetched(source: &mut dyn SourceSession, wanted: impl IntoIterator<Item = u32>) -> Bodies {
    let (mut bodies, mut window) = (Bodies::default(), Some(uids(wanted)));
    source.fetch_windows(&mut |_| window.take(), &mut bodies).unwrap();
    bodies
}

fn assert_arrived(server: &RunningServer, bodies: &Bodies, wanted: impl IntoIterator<Item = u32>) {
    let there = server.messages("terry.adams", "INBOX");
    let body = |uid: u32| (uid, there.iter().find(|m| m.uid == uid).unwrap().raw.to_vec());
    let mut arrived = bodies.complete.clone();
    arrived.sort();
    assert_eq!(arrived, wanted.into_iter().map(body).collect::<Vec<_>>());
}

#[test]
fn those_that_are_wanted_arrive_without_being_asked_for_again() {
    let server = server();
    let mut source = connector(&server).connect(&Cancel::new()).unwrap();
    let before = server.count(FETCHES);
    source.expect_bodies();

    let metas = listed(source.as_mut());
    let bodies = fetched(source.as_mut(), 5..=MESSAGES);

    assert_eq!(metas.len(), MESSAGES as usize);
    assert_arrived(&server, &bodies, 5..=MESSAGES);
    assert_eq!(server.count(FETCHES) - before, 2);
}

#[test]
fn anything_else_that_is_asked_for_drops_them_and_they_are_asked_for_again() {
    let server = server();
    let mut source = connector(&server).connect(&Cancel::new()).unwrap();
    source.expect_bodies();
    listed(source.as_mut());
    let mut headers = Vec::new();

    source.headers(&uids([3]), &mut |uid, _| headers.push(uid)).unwrap();
    let bodies = fetched(source.as_mut(), 1..=MESSAGES);

    assert_eq!(headers, uids([3]));
    assert_arrived(&server, &bodies, 1..=MESSAGES);
}

#[test]
fn a_second_window_is_asked_for_as_always() {
    let server = server();
    let mut source = connector(&server).connect(&Cancel::new()).unwrap();
    source.expect_bodies();
    listed(source.as_mut());
    let mut bodies = Bodies::default();
    let mut windows = vec![uids(1..=4), uids(5..=MESSAGES)];

    source.fetch_windows(&mut |_| windows.pop(), &mut bodies).unwrap();

    assert_arrived(&server, &bodies, 1..=MESSAGES);
}

#[test]
fn where_a_connection_ended_over_them_they_are_not_asked_for_early_any_more() {
    let server = server();
    let connector = connector(&server);
    let mut source = connector.connect(&Cancel::new()).unwrap();
    server.faults().arm(Fault::new(When::InFetchLiteral(100), What::Cut));
    source.expect_bodies();
    listed(source.as_mut());
    let (mut bodies, mut window) = (Bodies::default(), Some(uids(1..=MESSAGES)));
    let ended = source.fetch_windows(&mut |_| window.take(), &mut bodies);

    let mut source = connector.connect(&Cancel::new()).unwrap();
    let before = server.count(FETCHES);
    source.expect_bodies();
    listed(source.as_mut());

    assert!(ended.is_err());
    assert_eq!(server.count(FETCHES) - before, 1);
    assert_arrived(&server, &fetched(source.as_mut(), 1..=MESSAGES), 1..=MESSAGES);
}
