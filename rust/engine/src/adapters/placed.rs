//! Connectors that say at which end, at which server and as whom a connection failed.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, Place};
use imapmig_core::ports::source::{SourceConnector, SourceSession};
use imapmig_core::ports::target::{TargetConnector, TargetSession};
use std::sync::Arc;

/// A connector and the place that it connects to.
pub(super) struct Placed<C: ?Sized> {
    pub(super) inner: Arc<C>,
    pub(super) place: Place,
}

impl SourceConnector for Placed<dyn SourceConnector> {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        self.inner.connect(cancel).map_err(|failure| failure.at(&self.place))
    }
}

impl TargetConnector for Placed<dyn TargetConnector> {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        self.inner.connect(cancel).map_err(|failure| failure.at(&self.place))
    }
}
