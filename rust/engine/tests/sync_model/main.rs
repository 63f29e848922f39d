//! The whole sync against a model: two servers in memory, random steps and faults, and what must hold afterwards.
//!
//! `IMAPMIG_MODEL_CASES=20000 cargo test -p imapmig-engine --test sync_model` draws more cases. A failing case prints its steps
//! and is kept in `regressions.txt`; what it showed becomes a test with a name in `found.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(unreachable_pub, reason = "a module of a test binary has no callers outside it")]

mod expect;
mod found;
#[allow(dead_code, reason = "the model counts no users")]
#[path = "../../src/testing/intercepted_store.rs"]
mod intercepted_store;
mod machine;
mod mail;
mod session;
mod steps;
mod store;
#[path = "../sync_support/mod.rs"]
mod sync_support;
mod world;

use machine::Model;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

/// How many cases are drawn where nothing else is asked for.
const CASES: u32 = 2_000;

fn asked_for() -> Option<u32> {
    std::env::var("IMAPMIG_MODEL_CASES").ok().and_then(|cases| cases.parse().ok())
}

/// Servers that end connections over several parts of several messages, and report wrong sizes and dates besides: drawn at random where
/// a number of cases is asked for. Everywhere else the same cases are run each time, since random ones still show faults.
fn breaking_config() -> Config {
    if asked_for().is_some() {
        return config();
    }
    Config { cases: 60, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..config() }
}

fn config() -> Config {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sync_model/regressions.txt");
    Config {
        cases: asked_for().unwrap_or(CASES).div_ceil(2),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 4_000,
        ..Config::default()
    }
}

/// Half of the cases each, side by side.
mod drawn {
    use super::{Model, breaking_config, config};
    use proptest_state_machine::prop_state_machine;

    type Ordinary = Model<false>;
    type Breaking = Model<true>;

    prop_state_machine! {
        #![proptest_config(config())]

        #[test]
        fn every_message_arrives_once_whatever_happens(sequential 1..20 => Ordinary);

        #[test]
        fn every_message_keeps_its_own_flags_whatever_happens(sequential 1..20 => Ordinary);
    }

    prop_state_machine! {
        #![proptest_config(breaking_config())]

        #[test]
        fn what_breaks_connections_costs_only_itself_whatever_happens(sequential 1..20 => Breaking);
    }
}
