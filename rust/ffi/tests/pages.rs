//! What is too much for one reply, read page by page through the ABI: ten thousand users, and a user's left-out messages.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(unsafe_code, reason = "these are the calls of a C program")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imapmig::*;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{Catalog, Diary, UserFilter};
use imapmig_core::user::{SkippedItem, SkippedKind};
use imapmig_store::{SqliteStore, StateDirectory};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

type Call = unsafe extern "C" fn(u64, *const u8, usize) -> *mut ImapmigReply;

const USERS: usize = 10_000;
/// No reply about so many users is larger, whatever the batch holds.
const MOST_BYTES_OF_A_USER: usize = 1_000;
const ITEMS: u32 = 200_000;
const ITEMS_OF_A_PAGE: usize = 5_000;
/// And no reply about so many left-out messages.
const MOST_BYTES_OF_AN_ITEM: usize = 500;

/// A page of a user's left-out messages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    skipped_items: Vec<Item>,
    next_skipped_items: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    uid: u32,
}

/// The text of the reply, which has to be one of success.
fn answer(reply: *mut ImapmigReply) -> String {
    // SAFETY: the reply has just come from the library, and is freed once.
    unsafe {
        let (data, len) = (imapmig_reply_data(reply), imapmig_reply_len(reply));
        let text = String::from_utf8(std::slice::from_raw_parts(data, len).to_vec()).unwrap();
        let status = imapmig_reply_status(reply);
        imapmig_reply_free(reply);
        assert_eq!(status, 0, "{text}");
        text
    }
}

fn call(function: Call, engine: u64, request: &Value) -> String {
    let request = request.to_string();
    // SAFETY: the request outlives the call.
    answer(unsafe { function(engine, request.as_ptr(), request.len()) })
}

/// The result of the operation that this reply names.
fn finished(engine: u64, reply: &str) -> Value {
    let started: Value = serde_json::from_str(reply).unwrap();
    let wait = json!({ "OperationId": started["OperationId"], "TimeoutMs": 200 });
    let mut states = std::iter::repeat_with(|| call(imapmig_operation_wait, engine, &wait))
        .map(|text| serde_json::from_str::<Value>(&text).unwrap());
    states.find(|state| state["Done"] == true).map(|state| state["Result"].clone()).unwrap()
}

/// The addresses of all pages that answer to the request, and the bytes of each page.
fn pages(engine: u64, request: &Value) -> (Vec<String>, Vec<usize>) {
    let (mut addresses, mut sizes) = (Vec::new(), Vec::new());
    let mut request = request.clone();
    loop {
        let text = call(imapmig_user_list, engine, &request);
        let page: Value = serde_json::from_str(&text).unwrap();
        let users = page["Users"].as_array().unwrap();
        addresses.extend(users.iter().map(|user| user["EmailAddress"].as_str().unwrap().to_owned()));
        sizes.push(text.len());
        match &page["Next"] {
            Value::Null => return (addresses, sizes),
            next => request["After"] = next.clone(),
        }
    }
}

/// An engine on `folder`/state, with the batch B of these users.
fn engine_with_batch(folder: &Path, rows: &[String]) -> u64 {
    let mailboxes = folder.join("mailboxes");
    std::fs::create_dir(&mailboxes).unwrap();
    let open = json!({ "StateDirectory": folder.join("state") }).to_string();
    // SAFETY: the request outlives the call.
    let opened: Value =
        serde_json::from_str(&answer(unsafe { imapmig_engine_open(open.as_ptr(), open.len()) })).unwrap();
    // The library keeps panics quiet; here they are to be seen.
    drop(std::panic::take_hook());
    let engine = opened["Engine"].as_u64().unwrap();
    let endpoint = json!({ "Name": "M", "EndpointType": "Maildir", "Path": mailboxes });
    finished(engine, &call(imapmig_endpoint_create, engine, &endpoint));
    let lines: Vec<_> = rows.iter().map(|address| format!("{address},{address}")).collect();
    let csv = format!("EmailAddress,UserName\r\n{}\r\n", lines.join("\r\n"));
    let batch = json!({ "Name": "B", "CsvBase64": STANDARD.encode(csv), "SourceEndpoint": "M" });
    let made = finished(engine, &call(imapmig_batch_create, engine, &batch));
    assert_eq!(made["TotalCount"], rows.len(), "{made}");
    engine
}

/// What a sync leaves behind that was allowed fewer messages than there are.
fn beyond_the_limit(uid: u32) -> SkippedItem {
    SkippedItem {
        folder: FolderPath::new(["INBOX"]),
        uid: Some(Uid(uid)),
        kind: SkippedKind::ItemLimit,
        size: 4_096,
        subject: format!("message {uid}"),
        sender: "ann.beebe@contoso.edu".to_owned(),
        recipient: "terry.adams@contoso.edu".to_owned(),
        date_sent: None,
        date_received: None,
        reason: "not among the newest messages".to_owned(),
        kept_file: None,
    }
}

#[test]
fn ten_thousand_users_come_in_pages_each_once_and_in_the_order_of_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<_> = (0..USERS).map(|user| format!("u{user}@contoso.edu")).collect();
    let engine = engine_with_batch(folder.path(), &rows);

    let (all, sizes) = pages(engine, &json!({ "BatchId": "B", "ResultSize": 700 }));
    let (queued, _) = pages(engine, &json!({ "ResultSize": 1_000, "Status": "Queued" }));
    let (synced, _) = pages(engine, &json!({ "ResultSize": 1_000, "Status": "Synced" }));
    let (at_once, _) = pages(engine, &json!({ "BatchId": "B" }));

    assert_eq!(all, rows);
    assert_eq!(sizes.len(), USERS.div_ceil(700));
    assert!(sizes.iter().all(|size| *size < 700 * MOST_BYTES_OF_A_USER), "{sizes:?}");
    assert_eq!((queued, synced, at_once), (rows.clone(), Vec::new(), rows));
    answer(imapmig_engine_close(engine));
}

#[test]
fn two_hundred_thousand_left_out_messages_come_in_pages_each_once_and_in_the_order_of_their_uids() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_with_batch(folder.path(), &["terry.adams@contoso.edu".to_owned()]);
    let directory = StateDirectory::locate(Some(&folder.path().join("state"))).unwrap();
    let store = SqliteStore::open(&directory).unwrap();
    let user = store.users(&UserFilter::default()).unwrap().remove(0);
    store.add_skipped(user.id, &(1..=ITEMS).map(beyond_the_limit).collect::<Vec<_>>()).unwrap();
    let mut request = json!({
        "Identity": "terry.adams@contoso.edu",
        "IncludeSkippedItems": true,
        "LimitSkippedItemsTo": ITEMS_OF_A_PAGE,
    });

    let mut uids = Vec::new();
    let mut largest = 0;
    loop {
        let text = call(imapmig_user_statistics, engine, &request);
        let page: Page = serde_json::from_str(&text).unwrap();
        uids.extend(page.skipped_items.into_iter().map(|item| item.uid));
        largest = largest.max(text.len());
        match page.next_skipped_items {
            None => break,
            Some(next) => request["SkippedItemsAfter"] = next.into(),
        }
    }

    assert!(uids.iter().copied().eq(1..=ITEMS), "{} items came", uids.len());
    assert!(largest < ITEMS_OF_A_PAGE * MOST_BYTES_OF_AN_ITEM, "a page of {largest} bytes");
    answer(imapmig_engine_close(engine));
}
