//! A batch of ten thousand users, read page by page through the ABI.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(unsafe_code, reason = "these are the calls of a C program")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imapmig::*;
use serde_json::{Value, json};

type Call = unsafe extern "C" fn(u64, *const u8, usize) -> *mut ImapmigReply;

const USERS: usize = 10_000;
/// No reply about so many users is larger, whatever the batch holds.
const MOST_BYTES_OF_A_USER: usize = 1_000;

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

#[test]
fn ten_thousand_users_come_in_pages_each_once_and_in_the_order_of_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mailboxes = folder.path().join("mailboxes");
    std::fs::create_dir(&mailboxes).unwrap();
    let open = json!({ "StateDirectory": folder.path().join("state") }).to_string();
    // SAFETY: the request outlives the call.
    let opened: Value =
        serde_json::from_str(&answer(unsafe { imapmig_engine_open(open.as_ptr(), open.len()) })).unwrap();
    // The library keeps panics quiet; here they are to be seen.
    drop(std::panic::take_hook());
    let engine = opened["Engine"].as_u64().unwrap();
    let endpoint = json!({ "Name": "M", "EndpointType": "Maildir", "Path": mailboxes });
    call(imapmig_endpoint_create, engine, &endpoint);
    let rows: Vec<_> = (0..USERS).map(|user| format!("u{user}@contoso.edu")).collect();
    let csv = format!(
        "EmailAddress,UserName\r\n{}\r\n",
        rows.iter().map(|a| format!("{a},{a}")).collect::<Vec<_>>().join("\r\n")
    );
    let batch = json!({ "Name": "B", "CsvBase64": STANDARD.encode(csv), "SourceEndpoint": "M" });
    let started: Value = serde_json::from_str(&call(imapmig_batch_create, engine, &batch)).unwrap();
    let wait = json!({ "OperationId": started["OperationId"], "TimeoutMs": 200 });
    let made = std::iter::repeat_with(|| call(imapmig_operation_wait, engine, &wait))
        .map(|text| serde_json::from_str::<Value>(&text).unwrap())
        .find(|state| state["Done"] == true)
        .unwrap();
    assert_eq!(made["Result"]["TotalCount"], USERS, "{made}");

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
