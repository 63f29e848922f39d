//! Out of Exchange Online: an endpoint of type Microsoft365 as a source, whose rows need no passwords.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use imapmig_testkit::Personality;
use imapmig_tests::migration::{
    EMAILS, Row, SlowPath, Tenant, account, assert_same, assert_same_but_reported, held,
};
use imapmig_tests::{ADMIN, Comparison, Corpus, Dovecot, corpus, require};

/// EmailAddress and UserName alone: the application opens every mailbox.
fn rows() -> Vec<Row> {
    EMAILS.map(|email| Row::new(email, email, "")).to_vec()
}

/// A tenant with this mail in the mailboxes of [`EMAILS`], known as the endpoint `Tenant`.
fn tenant(personality: Personality, mail: [Corpus; 3]) -> Tenant {
    let tenant = Tenant::new(personality);
    tenant.register();
    for (email, corpus) in EMAILS.into_iter().zip(&mail) {
        tenant.deliver(email, corpus);
    }
    tenant
}

/// How often an account signed in.
fn sign_ins(tenant: &Tenant) -> usize {
    tenant.exchange.count("AUTHENTICATE")
}

#[test]
fn real_and_odd_mail_comes_out_of_the_tenant_with_a_file_without_passwords() {
    require!("dovecot", "corpus");
    let mail = [corpus::spam_assassin(400), corpus::odd_messages(), corpus::odd_folders()];
    let tenant = tenant(Personality::exchange_online(), mail);

    let tested = tenant.migration.json(&["test-server", "--endpoint", "Tenant"]);
    let batch = tenant.migration.migrate("Batch", "Tenant", None, &rows());

    assert_eq!((&tested["Result"], &batch["Status"]), (&"Success".into(), &"Synced".into()));
    let requests = tenant.tokens.requests();
    assert!(requests.iter().all(|request| request.objections.is_empty()), "{requests:#?}");
    assert!(requests.len() <= 4, "tokens are cached, and were asked for {} times", requests.len());
    let served = tenant.migration.serve();
    for email in EMAILS {
        let statistics = tenant.migration.statistics(email);
        assert!(statistics.adds_up(), "{:#}", statistics.view);
        assert_eq!(statistics.items(), []);
        assert_same(&held(&tenant.exchange, email), &account(&served, email, "pw"), &Comparison::strict());
    }
}

#[test]
fn tokens_that_expire_in_the_middle_pass_unnoticed() {
    require!("dovecot");
    let tenant = Tenant::new(Personality::exchange_online());
    tenant.deliver(EMAILS[0], &corpus::small(2_400));
    let road = SlowPath::to(tenant.exchange.port(), 60_000);
    tenant.register_at(road.port());
    tenant.migration.batch_with("Batch", "Tenant", None, &rows()[..1], &["--auto-start"]);
    tenant.migration.wait_for("Batch", Duration::from_secs(60), |batch| {
        (100..1_200).contains(&batch["SyncedItems"].as_u64().unwrap_or(0))
    });
    let (before, tokens) = (sign_ins(&tenant), tenant.tokens.requests().len());

    tenant.expire_tokens();
    road.set_bytes_a_second(u64::from(u32::MAX));
    let batch = tenant.migration.wait_until("Batch", &["Synced", "SyncedWithErrors"]);

    assert!(sign_ins(&tenant) > before, "no session ended");
    assert!(tenant.tokens.requests().len() > tokens, "no new token was asked for");
    assert_eq!(batch["Status"], "Synced");
    let statistics = tenant.migration.statistics(EMAILS[0]);
    assert_eq!((statistics.text("Error"), statistics.text("Waiting")), (String::new(), String::new()));
    assert_eq!((statistics.items(), statistics.synced()), (Vec::new(), 2_400));
    let after = tenant.migration.served(EMAILS[0]);
    assert_same(&held(&tenant.exchange, EMAILS[0]), &after, &Comparison::strict());
}

#[test]
fn sessions_that_end_after_every_few_commands_bring_everything_into_an_imap_server() {
    require!("dovecot");
    let personality = Personality::exchange_online().with_commands_per_token(25);
    let tenant = tenant(personality, [corpus::small(200), corpus::odd_messages(), corpus::small(150)]);
    let target = Dovecot::target().start();
    tenant.migration.administered("Target", target.port, ADMIN, Some("{EmailAddress}*mailadmin"));

    let batch = tenant.migration.migrate("Batch", "Tenant", Some("Target"), &rows());

    assert_eq!(batch["Status"], "Synced");
    // A session looks whose mailbox it is, and another one syncs it.
    assert!(sign_ins(&tenant) > 2 * EMAILS.len() + 2, "hardly a session ended");
    for email in EMAILS {
        let statistics = tenant.migration.statistics(email);
        assert_eq!(statistics.text("Error"), "");
        assert!(statistics.adds_up(), "{:#}", statistics.view);
        let there = account(&target, email, "pw");
        assert_same_but_reported(&held(&tenant.exchange, email), &there, &statistics);
    }
}

#[test]
fn a_mailbox_that_the_application_may_not_open_fails_that_user_alone_in_plain_words() {
    let tenant = tenant(Personality::exchange_online(), [10, 11, 12].map(corpus::small));
    tenant.exchange.set_mailbox_permission(EMAILS[1], false);

    let batch = tenant.migration.migrate("Batch", "Tenant", None, &rows());

    assert_eq!(batch["Status"], "SyncedWithErrors");
    assert_eq!((&batch["SyncedCount"], &batch["FailedCount"]), (&2.into(), &1.into()));
    let error = tenant.migration.statistics(EMAILS[1]).text("Error");
    assert!(error.starts_with("MailboxPermissionException: "), "{error}");
    assert!(error.contains("Add-MailboxPermission"), "{error}");
}

#[test]
fn new_mail_and_changed_flags_follow_from_a_server_without_condstore() {
    require!("dovecot");
    let tenant = tenant(Personality::exchange_online(), [30, 20, 10].map(corpus::small));
    tenant.migration.migrate("Batch", "Tenant", None, &rows());
    let held_before = tenant.exchange.message_count(EMAILS[0]) as u64;

    tenant.deliver(EMAILS[0], &corpus::small_inbox(5));
    tenant.exchange.set_flags(EMAILS[0], "INBOX", 1, &["\\Flagged", "$Later"]);
    tenant.expire_tokens();
    tenant.migration.sync_now("Batch");

    assert_eq!(tenant.migration.statistics(EMAILS[0]).synced(), held_before + 5);
    let after = tenant.migration.served(EMAILS[0]);
    assert_same(&held(&tenant.exchange, EMAILS[0]), &after, &Comparison::strict());
}
