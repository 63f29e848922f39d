//! The limits of endpoints and of the installation, kept whatever runs.

use super::*;
use imapmig_core::endpoint::{EndpointSettings, EndpointType};
use imapmig_core::ids::ConfirmationId;
use imapmig_core::time::UnixMs;
use proptest::prelude::*;

fn endpoint(migrations: u32, incremental: u32) -> Endpoint {
    Endpoint {
        id: EndpointId::new(),
        name: "E".to_owned(),
        endpoint_type: EndpointType::Imap,
        settings: EndpointSettings::default(),
        max_concurrent_migrations: Limit::At(migrations),
        max_concurrent_incremental_syncs: Limit::At(incremental),
        created: UnixMs(0),
        changed: UnixMs(0),
    }
}

fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        Just(Stage::Probe),
        Just(Stage::Initial),
        Just(Stage::Incremental),
        any::<bool>().prop_map(|bytes| Stage::Confirm { of: ConfirmationId::new(), bytes }),
    ]
}

proptest! {
    #[test]
    fn no_limit_is_exceeded_and_what_is_refused_would_exceed_one(
        (first, second) in ((1_u32..4, 1_u32..4), (1_u32..4, 1_u32..4)),
        all in 1_u32..6,
        wanted in prop::collection::vec((stage(), any::<bool>(), prop::option::of(any::<bool>())), 0..30),
    ) {
        let endpoints = [endpoint(first.0, first.1), endpoint(second.0, second.1)];
        let ids = [endpoints[0].id, endpoints[1].id];
        let limits = Limits::new(endpoints.to_vec(), Limit::At(all));
        let kept = |slots: &[Slot]| {
            let count = |incremental: bool, id: Option<EndpointId>| {
                let at = |slot: &&Slot| id.is_none_or(|id| slot.source == id || slot.target == Some(id));
                let kind = |slot: &&Slot| (slot.stage == Stage::Incremental) == incremental;
                u32::try_from(slots.iter().filter(kind).filter(at).count()).unwrap()
            };
            count(false, None) <= all
                && count(false, Some(ids[0])) <= first.0
                && count(true, Some(ids[0])) <= first.1
                && count(false, Some(ids[1])) <= second.0
                && count(true, Some(ids[1])) <= second.1
        };

        let mut taken = Vec::new();
        for (stage, source, target) in wanted {
            let slot = Slot {
                stage,
                source: ids[usize::from(source)],
                target: target.map(|target| ids[usize::from(target)]),
            };
            let with_it: Vec<_> = taken.iter().copied().chain([slot]).collect();
            let allowed = limits.allow(&taken, &slot);
            prop_assert_eq!(allowed, kept(&with_it));
            if allowed {
                taken = with_it;
            }
        }
    }
}

#[test]
fn there_are_no_more_threads_than_a_process_can_bear_whatever_is_allowed() {
    let limits = Limits::new(Vec::new(), Limit::UNLIMITED);
    let slot = Slot { stage: Stage::Incremental, source: EndpointId::new(), target: None };

    assert!(limits.allow(&vec![slot; MOST_THREADS - 1], &slot));
    assert!(!limits.allow(&vec![slot; MOST_THREADS], &slot));
}
