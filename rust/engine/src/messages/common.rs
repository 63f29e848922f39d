//! Errors that many commands share: what is not there, what was stopped, faults of our own; and how a sentence is written.

use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};

/// The code of whatever is asked for by name and is not there.
const NOT_FOUND: &str = "ManagementObjectNotFoundException";

/// A batch that is not there, in Exchange's words.
pub(crate) fn no_batch(identity: &str) -> ApiError {
    not_found(format!("The migration batch \"{identity}\" can't be found.")).target(identity)
}

/// An endpoint that is not there, in Exchange's words.
pub(crate) fn no_endpoint(identity: &str) -> ApiError {
    not_found(format!("The migration endpoint '{identity}' couldn't be found.")).target(identity)
}

/// The endpoint of a connection test that is not there: Exchange says it twice.
pub(crate) fn no_endpoint_to_test(identity: &str) -> ApiError {
    let mut error = no_endpoint(identity);
    error.message = format!("{0} Reason: {0}", error.message);
    error.category = ErrorCategory::NotSpecified;
    error
}

/// A user that is not there.
pub(crate) fn no_user(identity: &str) -> ApiError {
    not_found(format!("The migration user \"{identity}\" can't be found.")).target(identity)
}

/// No batch was named, and there is none.
pub(crate) fn no_batch_fits() -> ApiError {
    not_found("There is no migration batch that this can be done to.".to_owned())
}

/// No batch was named, and there are several.
pub(crate) fn several_batches(names: &[&str]) -> ApiError {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    invalid(format!("There are several migration batches. Please name one of them: {}.", names.join(", ")))
}

/// No user was named, and there is none.
pub(crate) fn no_user_fits() -> ApiError {
    not_found("There is no migration user that this can be done to.".to_owned())
}

/// No user was named, and there are several.
pub(crate) fn several_users() -> ApiError {
    invalid("There are several migration users. Please name one of them.")
}

/// An empty name where leaving it out would have been all right.
pub(crate) fn empty_name(property: &str) -> ApiError {
    invalid(format!("{property} is empty. Please give a name, or leave {property} out."))
}

/// What has to be named.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    EndpointToRemove,
    User,
    UserToRemove,
    BatchOrUser,
}

/// An empty name of something that has to be named.
pub(crate) fn empty_identity(what: Named) -> ApiError {
    let what = match what {
        Named::EndpointToRemove => "migration endpoint to remove",
        Named::User => "migration user",
        Named::UserToRemove => "migration user to remove",
        Named::BatchOrUser => "migration batch or user",
    };
    invalid(format!("Identity is empty. Please name the {what}."))
}

/// A new thing without a name.
pub(crate) fn unnamed(thing: &str) -> ApiError {
    invalid(format!("Name is empty. Please give the {thing} a name."))
}

/// A name that is too long or holds control characters.
pub(crate) fn unusable_name(thing: &str, max_chars: usize) -> ApiError {
    invalid(format!(
        "The name of a {thing} has at most {max_chars} characters and no control characters. Please choose another one."
    ))
}

/// A number that is too small.
pub(crate) fn at_least_one(parameters: &[Term]) -> ApiError {
    let names: Vec<_> = parameters.iter().map(Term::to_string).collect();
    let is = if parameters.len() == 1 { "is" } else { "are" };
    invalid(format!("{} {is} at least 1.", names.join(" and ")))
}

/// A number that is out of its range.
pub(crate) fn out_of_range(parameter: Term, most: u32) -> ApiError {
    invalid(format!("{parameter} is between 1 and {most}."))
}

/// Text that was to be base64.
pub(crate) fn not_base64(what: &str) -> ApiError {
    invalid(format!("{what} isn't valid base64."))
}

/// The end of a page that no reply named.
pub(crate) fn unknown_page(page: &str) -> ApiError {
    invalid(format!(
        "\"{page}\" isn't the end of an earlier page. Please pass on what the previous reply named as the next page, or leave it out."
    ))
}

/// More users than one call takes.
pub(crate) fn too_many_users(asked: usize, most: usize) -> ApiError {
    invalid(format!(
        "The request names {asked} users, and one call takes at most {most}. Please ask for them in parts."
    ))
}

/// An operation that was asked to end.
pub(crate) fn stopped() -> ApiError {
    ApiError::new("OperationCanceledException", ErrorCategory::OperationStopped, "The operation was stopped.")
}

/// An unknown operation.
pub(crate) fn no_operation(id: u64) -> ApiError {
    let message = format!("The operation {id} isn't known; its end may have been reported already.");
    ApiError::new("OperationNotFoundException", ErrorCategory::ObjectNotFound, message).target(id.to_string())
}

/// A fault of ours.
pub(crate) fn fault() -> ApiError {
    fault_because("an internal check failed; please report it")
}

/// A fault of ours or of the system under us, with its reason.
pub(crate) fn fault_because(reason: &str) -> ApiError {
    ApiError::new("ImapMigrationFaultException", ErrorCategory::NotSpecified, sentence(reason))
}

/// The system starts no further thread.
pub(crate) fn no_thread(error: &std::io::Error) -> ApiError {
    fault_because(&no_further_thread(error)).retryable()
}

/// What is said where the system starts no further thread.
pub(super) fn no_further_thread(error: &impl std::fmt::Display) -> String {
    format!("no thread can be started: {error}")
}

/// A request that cannot be meant.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ArgumentException", ErrorCategory::InvalidArgument, message)
}

/// A request that the state of its batch or user does not allow.
pub(super) fn invalid_state(code: &str, message: String, name: &str) -> ApiError {
    ApiError::new(code, ErrorCategory::InvalidOperation, message).target(name)
}

fn not_found(message: String) -> ApiError {
    ApiError::new(NOT_FOUND, ErrorCategory::ObjectNotFound, message)
}

/// The text with a capital letter in front and a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().chain(chars).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_things_are_named_in_exchanges_words() {
        assert_eq!(no_batch("B1").message, "The migration batch \"B1\" can't be found.");
        assert_eq!(no_batch("B1").code, "ManagementObjectNotFoundException");
        assert_eq!(no_endpoint("E1").message, "The migration endpoint 'E1' couldn't be found.");
        assert_eq!(no_user("U1").category, ErrorCategory::ObjectNotFound);
    }
}
