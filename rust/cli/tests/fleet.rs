//! A batch of ten thousand users on the command line.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use imapmig_tests::migration::{Migration, Row};
use serde_json::Value;

const USERS: usize = 10_000;

fn addresses(list: &Value) -> Vec<&str> {
    let users = list.as_array().or_else(|| list["Users"].as_array()).unwrap();
    users.iter().map(|user| user["EmailAddress"].as_str().unwrap()).collect()
}

#[test]
fn ten_thousand_users_are_counted_listed_and_reported_in_the_order_of_their_rows() {
    let migration = Migration::new();
    migration.json(&[
        "endpoint",
        "new",
        "--name",
        "Source",
        "--remote-server",
        "127.0.0.1",
        "--skip-verification",
    ]);
    let expected: Vec<_> = (0..USERS).map(|user| format!("u{user}@contoso.edu")).collect();
    let rows: Vec<_> = expected.iter().map(|address| Row::new(address, address, "pw")).collect();

    let made = migration.batch("Batch", "Source", None, &rows);
    let listed = migration.json(&["user", "get", "--batch-id", "Batch"]);
    let first = migration.json(&["user", "get", "--batch-id", "Batch", "--result-size", "123"]);
    let shown = migration.run(&["user", "get", "--batch-id", "Batch"]);

    assert_eq!((&made["TotalCount"], &made["PendingCount"]), (&USERS.into(), &USERS.into()));
    assert_eq!(addresses(&listed), expected);
    assert_eq!(addresses(&first), expected[..123]);
    let lines: Vec<_> = shown.stdout.lines().filter(|line| line.contains("@contoso.edu")).collect();
    assert_eq!(lines.len(), USERS);
    assert!(lines[0].contains("u0@contoso.edu") && lines[USERS - 1].contains("u9999@contoso.edu"));
}
