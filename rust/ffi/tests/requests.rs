//! Requests that are almost right: each is answered by JSON, none by a fault of the library, and every reply can be freed.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(unsafe_code, reason = "these are the calls of a C program")]

use imapmig::*;
use imapmig_testkit::mutated;
use serde_json::Value;

type Call = unsafe extern "C" fn(u64, *const u8, usize) -> *mut ImapmigReply;

/// The status, and what is told.
fn answer(reply: *mut ImapmigReply) -> (i32, Value) {
    // SAFETY: the reply has just come from the library, and is freed once.
    unsafe {
        let (data, len) = (imapmig_reply_data(reply), imapmig_reply_len(reply));
        let text = std::slice::from_raw_parts(data, len).to_vec();
        let status = imapmig_reply_status(reply);
        imapmig_reply_free(reply);
        (status, serde_json::from_slice(&text).expect("a reply is JSON"))
    }
}

fn call(function: Call, engine: u64, request: &[u8]) -> (i32, Value) {
    // SAFETY: the request outlives the call.
    answer(unsafe { function(engine, request.as_ptr(), request.len()) })
}

/// Undoes what the library does to panics: here they are to be seen.
fn loud() {
    call(imapmig_config_get, 0, b"{}");
    drop(std::panic::take_hook());
}

fn check((status, told): &(i32, Value)) {
    match status {
        0 => {}
        1 => {
            for name in ["Code", "Category", "Message"] {
                assert!(told[name].as_str().is_some_and(|text| !text.is_empty()), "{told}");
            }
            let text = told.to_string();
            // Names of properties are told, values are not.
            assert!(
                text.contains("unknown field") || !text.contains("P@ssw0rd"),
                "a password is told: {text}"
            );
        }
        _ => panic!("a fault: {told}"),
    }
}

const WORDS: [&str; 12] = [
    "null",
    "[]",
    "{}",
    "true",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "1e400",
    "\"Identity\":",
    "\\",
    "[[[[[[[[",
    "Unlimited",
    "\u{1f4e7}",
];

/// Requests of functions that reach out to servers or make things: they are read, and then find no engine.
#[test]
fn what_is_almost_a_request_is_read_or_refused() {
    let requests: [(Call, &str); 8] = [
        (
            imapmig_batch_create,
            r#"{"Name":"B","CsvBase64":"RW1haWw=","SourceEndpoint":"S","TargetEndpoint":null,"ExcludeFolders":["a","b/*"],"AutoStart":true,"StartAfterUnixMs":1700000000000,"AllowIncrementalSyncs":false}"#,
        ),
        (
            imapmig_batch_update,
            r#"{"Identity":"B","AddUsersCsvBase64":"RW1haWw=","SyncNow":true,"NotificationEmails":["a@b.c"]}"#,
        ),
        (
            imapmig_endpoint_create,
            r#"{"Name":"S","EndpointType":"IMAP","RemoteServer":"h","Port":993,"Security":"Ssl","MaxConcurrentMigrations":"Unlimited","AdministratorUserName":"admin","AdministratorPassword":"P@ssw0rd"}"#,
        ),
        (
            imapmig_endpoint_update,
            r#"{"Identity":"S","Port":143,"Security":"Tls","MaxConcurrentMigrations":20,"ClientSecret":"P@ssw0rd"}"#,
        ),
        (
            imapmig_server_test,
            r#"{"RemoteServer":"h","Port":993,"Security":"None","AcceptUntrustedCertificates":true}"#,
        ),
        (imapmig_user_statistics, r#"{"Identity":"a@b.c","IncludeReport":true,"LimitSkippedItemsTo":3}"#),
        (imapmig_operation_wait, r#"{"OperationId":7,"TimeoutMs":0}"#),
        (imapmig_config_set, r#"{"TargetEndpoint":"Local","MaxConcurrentMigrations":5}"#),
    ];
    for (function, request) in requests {
        let (status, told) = call(function, 0, request.as_bytes());
        assert_eq!((status, &told["Code"]), (1, &"InvalidHandleException".into()), "{request}");

        loud();
        mutated(&[request.as_bytes()], &WORDS, 300, |request| {
            let (status, told) = call(function, 0, request);
            assert_eq!(status, 1);
            check(&(status, told));
        });
    }
}

#[test]
fn what_is_almost_a_request_is_answered_by_an_open_engine() {
    let folder = tempfile::tempdir().unwrap();
    let open = serde_json::json!({ "StateDirectory": folder.path().join("state") }).to_string();
    // SAFETY: the request outlives the call.
    let (status, opened) = answer(unsafe { imapmig_engine_open(open.as_ptr(), open.len()) });
    assert_eq!(status, 0, "{opened}");
    let engine = opened["Engine"].as_u64().unwrap();
    let requests: [(Call, &str); 12] = [
        (
            imapmig_batch_list,
            r#"{"Identity":"B","Status":"Synced","Endpoint":"S","ResultSize":5,"IncludeReport":true}"#,
        ),
        (imapmig_batch_create, r#"{"Name":"B","CsvBase64":"RW1haWwsQQphLGI=","SourceEndpoint":"None such"}"#),
        (imapmig_batch_start, r#"{"Identity":"None such"}"#),
        (imapmig_batch_confirm, r#"{"Identity":"None such","Bytes":true,"Stop":false}"#),
        (
            imapmig_batch_confirmation,
            r#"{"Identity":"B","IncludeFindings":true,"LimitFindingsTo":3,"FindingsAfter":"7","WaitMs":0}"#,
        ),
        (imapmig_endpoint_list, r#"{"Identity":"S","EndpointType":"Maildir"}"#),
        (
            imapmig_user_list,
            r#"{"Identity":"a@b.c","BatchId":"B","Status":"Failed","StatusSummary":"Active","ResultSize":1}"#,
        ),
        (imapmig_user_statistics, r#"{"Identity":"a@b.c","IncludeSkippedItems":true}"#),
        (imapmig_user_statistics_list, r#"{"Identities":["a@b.c"],"LimitReportTo":3,"IncludeReport":true}"#),
        (imapmig_operation_wait, r#"{"OperationId":7,"TimeoutMs":0}"#),
        (imapmig_operation_cancel, r#"{"OperationId":7}"#),
        (
            imapmig_config_set,
            r#"{"TargetEndpoint":"Local","MaxConcurrentMigrations":5,"MaxNumberOfBatches":9}"#,
        ),
    ];

    for (function, request) in requests {
        loud();
        mutated(&[request.as_bytes()], &WORDS, 100, |request| check(&call(function, engine, request)));
    }

    assert_eq!(answer(imapmig_engine_close(engine)).0, 0);
}

#[test]
fn a_length_that_no_memory_has_is_an_error() {
    let request = b"{}";
    // SAFETY: a length beyond what an address can hold is refused before anything is read.
    let (status, told) = answer(unsafe { imapmig_config_get(0, request.as_ptr(), usize::MAX) });

    assert_eq!((status, &told["Code"]), (1, &"InvalidRequestException".into()));
}
