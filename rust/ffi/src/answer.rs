//! From request bytes to a reply: reading JSON, catching panics, writing JSON.

use crate::handles;
use crate::reply::{ERROR, ImapmigReply, OK, PANIC};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_engine::Engine;
use once_cell::sync::OnceCell;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

static HOOK: OnceCell<()> = OnceCell::new();

thread_local! {
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Answers a call on an open engine.
///
/// # Safety
/// `request` points to `len` readable bytes that are not written to during the call, or is null.
pub(crate) unsafe fn answer<Q: DeserializeOwned, A: Serialize>(
    engine: u64,
    request: *const u8,
    len: usize,
    call: impl FnOnce(&Engine, Q) -> Result<A, ApiError>,
) -> *mut ImapmigReply {
    // SAFETY: the caller promises the same.
    unsafe { answer_without_engine(request, len, |request| call(&*handles::get(engine)?, request)) }
}

/// Answers a call that needs no engine.
///
/// # Safety
/// As [`answer`].
pub(crate) unsafe fn answer_without_engine<Q: DeserializeOwned, A: Serialize>(
    request: *const u8,
    len: usize,
    call: impl FnOnce(Q) -> Result<A, ApiError>,
) -> *mut ImapmigReply {
    let bytes = if request.is_null() || len == 0 {
        Some(b"{}".as_slice())
    } else if isize::try_from(len).is_ok() {
        // SAFETY: the caller promises `len` readable bytes; they are read before this function returns.
        Some(unsafe { std::slice::from_raw_parts(request, len) })
    } else {
        // A negative number on the other side: nothing in memory is as long.
        None
    };
    Box::into_raw(caught(|| {
        let bytes = bytes.ok_or_else(|| invalid("its length cannot be"))?;
        // An array would do for serde, as a struct without names.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(invalid("it is no JSON object"));
        }
        call(serde_json::from_slice(bytes).map_err(|e| invalid(&safe_words(&e)))?)
    }))
}

fn caught<A: Serialize>(call: impl FnOnce() -> Result<A, ApiError>) -> Box<ImapmigReply> {
    HOOK.get_or_init(|| {
        set_hook(Box::new(|info| PLACE.set(info.location().map(|l| format!("{}:{}", l.file(), l.line())))));
    });
    // Whatever a panic leaves half done lies behind locks that survive it, or is dropped with the call.
    match catch_unwind(AssertUnwindSafe(|| call().map(|value| serde_json::to_vec(&value)))) {
        Ok(Ok(Ok(json))) => ImapmigReply::boxed(OK, json),
        Ok(Ok(Err(error))) => failed(ERROR, &fault(&format!("the reply cannot be written as JSON: {error}"))),
        Ok(Err(error)) => failed(ERROR, &error),
        Err(_) => {
            let place = PLACE.take().unwrap_or_else(|| "an unknown place".to_owned());
            failed(PANIC, &fault(&format!("a fault in ImapMigration itself at {place}; please report it")))
        }
    }
}

fn failed(status: i32, error: &ApiError) -> Box<ImapmigReply> {
    // An ApiError holds only strings, so that it can always be written.
    ImapmigReply::boxed(status, serde_json::to_vec(error).unwrap_or_default())
}

fn fault(message: &str) -> ApiError {
    ApiError::new("ImapMigrationFaultException", ErrorCategory::NotSpecified, message)
}

fn invalid(why: &str) -> ApiError {
    ApiError::new(
        "InvalidRequestException",
        ErrorCategory::InvalidArgument,
        format!("the request is not what the function takes ({why})"),
    )
}

/// What serde says, without the values it quotes: what stands there may be a password.
fn safe_words(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    let words = error.to_string();
    match words.split_once('`') {
        Some((before, rest))
            if before.starts_with("unknown field") || before.starts_with("missing field") =>
        {
            let name: String = rest.chars().take_while(|c| *c != '`').take(64).collect();
            format!("{before}{name}, {place}")
        }
        _ => format!("{:?} error, {place}", error.classify()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_reply_that_tells_the_place() {
        let reply = caught::<()>(|| panic!("with a secret inside"));

        let text = String::from_utf8(reply.data.clone()).unwrap();
        assert_eq!(reply.status, PANIC);
        assert!(text.contains("answer.rs:") && !text.contains("secret"), "{text}");
    }

    #[test]
    fn a_wrong_value_is_not_repeated_in_the_error() {
        let error = serde_json::from_str::<u32>("\"P@ssw0rd\"").unwrap_err();

        assert!(!safe_words(&error).contains("P@ssw0rd"));
    }
}
