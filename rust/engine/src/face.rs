//! Replies and errors in the words of the face that asked: every sentence in them that can name a command or parameter.

use crate::messages::terms::spoken;
use imapmig_core::api::batch::{BatchList, BatchView};
use imapmig_core::api::config::ConfigView;
use imapmig_core::api::confirmation::{ConfirmationList, ConfirmationView};
use imapmig_core::api::endpoint::EndpointList;
use imapmig_core::api::engine::Face;
use imapmig_core::api::operation::{OperationStarted, OperationState};
use imapmig_core::api::statistics::{ReportExport, StatisticsView};
use imapmig_core::api::user::{UserList, UserStatisticsList, UserStatisticsView};
use imapmig_core::api::{ApiError, Empty};
use serde_json::Value;

/// What the engine answers.
pub(crate) trait Reply {
    /// Puts its sentences into the words of a face.
    fn speak(&mut self, face: Face);
}

impl Reply for String {
    fn speak(&mut self, face: Face) {
        if self.contains(char::is_control) {
            *self = spoken(self, face);
        }
    }
}

impl<T: Reply> Reply for Option<T> {
    fn speak(&mut self, face: Face) {
        if let Some(reply) = self {
            reply.speak(face);
        }
    }
}

impl<T: Reply> Reply for Vec<T> {
    fn speak(&mut self, face: Face) {
        self.iter_mut().for_each(|reply| reply.speak(face));
    }
}

/// A reply without sentences.
macro_rules! wordless {
    ($($reply:ty),*) => { $(impl Reply for $reply { fn speak(&mut self, _: Face) {} })* };
}

wordless!(ConfigView, Empty, EndpointList, OperationStarted, StatisticsView);

impl Reply for ApiError {
    fn speak(&mut self, face: Face) {
        self.message.speak(face);
    }
}

impl Reply for BatchList {
    fn speak(&mut self, face: Face) {
        self.batches.speak(face);
    }
}

impl Reply for BatchView {
    fn speak(&mut self, face: Face) {
        self.message.speak(face);
        self.validation_warnings.iter_mut().for_each(|warning| warning.message.speak(face));
        self.reports.iter_mut().for_each(|entry| entry.message.speak(face));
    }
}

impl Reply for UserList {
    fn speak(&mut self, face: Face) {
        for user in &mut self.users {
            user.error_summary.speak(face);
            user.waiting.speak(face);
        }
    }
}

impl Reply for UserStatisticsView {
    fn speak(&mut self, face: Face) {
        self.error.speak(face);
        self.user.error_summary.speak(face);
        self.user.waiting.speak(face);
        self.skipped_items.iter_mut().for_each(|item| item.failure.speak(face));
        self.report.iter_mut().for_each(|entry| entry.message.speak(face));
    }
}

impl Reply for UserStatisticsList {
    fn speak(&mut self, face: Face) {
        for result in &mut self.results {
            result.statistics.speak(face);
            result.error.speak(face);
        }
    }
}

impl Reply for ConfirmationList {
    fn speak(&mut self, face: Face) {
        self.confirmations.speak(face);
    }
}

impl Reply for ConfirmationView {
    fn speak(&mut self, face: Face) {
        self.users.iter_mut().for_each(|user| user.error_summary.speak(face));
        for finding in &mut self.findings {
            finding.details.speak(face);
            finding.explanation.speak(face);
        }
    }
}

impl Reply for ReportExport {
    fn speak(&mut self, face: Face) {
        self.csv.speak(face);
    }
}

impl Reply for OperationState {
    fn speak(&mut self, face: Face) {
        self.activity.speak(face);
        self.result.speak(face);
        self.error.speak(face);
    }
}

impl Reply for Value {
    fn speak(&mut self, face: Face) {
        match self {
            Self::String(text) => text.speak(face),
            Self::Array(values) => values.iter_mut().for_each(|value| value.speak(face)),
            Self::Object(fields) => fields.values_mut().for_each(|value| value.speak(face)),
            _ => {}
        }
    }
}
