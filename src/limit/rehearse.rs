//! Trying a limit on dated events, without a store and without waiting.

use chrono::{DateTime, Utc};

use super::evaluate::Evaluation;
use super::rules::Limit;
use crate::counter::tracking::Tracking;
use crate::engine::Engine;
use crate::occurrence::Occurrence;
use crate::time::instant;
use crate::time::zone::Zone;

impl Limit {
    /// The instants of `asked` at which the limit would have passed, if everything in `history` had
    /// been recorded when it happened, and `event` whenever the limit passed. The limit must have
    /// been checked.
    pub(crate) fn rehearse(
        &self,
        event: &str,
        (tracking, zone): (Tracking, Zone),
        mut history: Vec<Occurrence>,
        mut asked: Vec<DateTime<Utc>>,
    ) -> Vec<DateTime<Utc>> {
        history.sort_by_key(|occurrence| occurrence.at);
        asked.sort_unstable();
        let mut engine = Engine::new(tracking, zone);
        self.markers().for_each(|marker| engine.declare_marker(marker));
        let mut history = history.into_iter().peekable();
        let passes = |time: &DateTime<Utc>| {
            // What happens at the same instant happened before it was asked.
            while let Some(occurrence) = history.next_if(|occurrence| occurrence.at <= *time) {
                engine.advance_clock(instant::of(occurrence.at), None);
                engine.record(&occurrence.event_id, occurrence.count.into(), || false);
            }
            let now = instant::of(*time);
            engine.advance_clock(now, None);
            let app_answers = self.ask_app(now);
            let passes = Evaluation::new(engine.snapshot(), app_answers).allows(self);
            if passes {
                let recorded = std::iter::once(event).chain(self.also_recorded());
                engine.record_together(recorded.map(|name| (name, 1)), |_| false);
            }
            passes
        };
        asked.retain(passes);
        asked
    }
}
