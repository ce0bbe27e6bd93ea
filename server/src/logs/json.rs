//! One JSON object a line: timestamp, level, service, correlation_id, user_id, message,
//! duration_ms, then whatever else the event and its spans carry.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The value of `service` in every line.
const SERVICE: &str = "sluice";

/// Writes events as JSON lines.
pub(crate) struct JsonLines<W> {
    writer: W,
}

impl<W> JsonLines<W> {
    /// Writes to what `writer` makes, one write a line.
    pub(crate) const fn new(writer: W) -> Self {
        Self { writer }
    }
}

/// The fields of a span, kept beside it.
struct SpanFields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(SpanFields(fields.0));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id)
            && let Some(SpanFields(map)) = span.extensions_mut().get_mut()
        {
            let mut fields = Fields(std::mem::take(map));
            record.record(&mut fields);
            *map = fields.0;
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in ctx.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(SpanFields(map)) = span.extensions().get() {
                fields.0.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        event.record(&mut fields);
        let mut fields = fields.0;
        let mut take = |key: &str| fields.remove(key).unwrap_or(Value::Null);
        let (correlation, user) = (take("correlation_id"), take("user_id"));
        let (message, duration) = (take("message"), take("duration_ms"));
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let mut line = format!(
            "{{\"timestamp\":\"{}\",\"level\":\"{level}\",\"service\":\"{SERVICE}\",\"correlation_id\":{correlation},\
             \"user_id\":{user},\"message\":{message},\"duration_ms\":{duration},\"target\":{}",
            timestamp(),
            Value::from(event.metadata().target()),
        );
        for (key, value) in &fields {
            // Writing to a String cannot fail.
            let _ = write!(line, ",{}:{value}", Value::from(key.as_str()));
        }
        line.push_str("}\n");
        // There is nowhere to report that logging fails.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

fn timestamp() -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    // Requirements: R285
    #[test]
    fn a_line_has_the_seven_keys_in_order_and_the_fields_of_its_spans() {
        let lines = logged(|| {
            let span = tracing::info_span!("request", correlation_id = "r-1", late = tracing::field::Empty);
            let _entered = span.enter();
            span.record("late", 7);
            tracing::warn!(duration_ms = 1.5, "said \"{}\"\n", "quotes");
        });
        let line = &lines[0];
        assert_eq!(line["level"], "warn");
        assert_eq!(line["service"], "sluice");
        assert_eq!(line["correlation_id"], "r-1");
        assert_eq!(line["user_id"], Value::Null);
        assert_eq!(line["message"], "said \"quotes\"\n");
        assert_eq!(line["duration_ms"], 1.5);
        assert_eq!(line["late"], 7);
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn a_redacted_value_stays_redacted_in_a_line() {
        let key = sluice_domain::Redacted::new("hunter2");
        let lines = logged(|| tracing::info!(%key, other = ?key, "published"));
        assert!(!lines[0].to_string().contains("hunter2"));
    }
}
