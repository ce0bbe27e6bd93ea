//! `GET /admin/doctor`: what is wrong with the machine that the server runs on.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sluice_doctor::{Diagnosis, Facts, examine};

use crate::Shared;

type Looking = Pin<Box<dyn Future<Output = Facts> + Send>>;

/// Looks at the machine. What there is to see is the business of the program around this crate.
#[derive(Clone)]
pub struct HostDoctor(Arc<dyn Fn() -> Looking + Send + Sync>);

impl HostDoctor {
    /// Asks a function.
    pub fn by<F: Future<Output = Facts> + Send + 'static>(
        look: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move || Box::pin(look())))
    }
}

impl Default for HostDoctor {
    /// Sees nothing, and so finds nothing.
    fn default() -> Self {
        Self::by(|| std::future::ready(Facts::default()))
    }
}

impl fmt::Debug for HostDoctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostDoctor")
    }
}

/// What is wrong with the machine that the server runs on, the worst first: addresses, files, buffers, disks.
#[utoipa::path(get, path = "/admin/doctor", tag = "admin",
    responses((status = 200, body = Diagnosis)))]
pub(crate) async fn doctor(State(api): State<Shared>) -> Json<Diagnosis> {
    Json(examine(&(api.config.host_doctor.0)().await))
}
