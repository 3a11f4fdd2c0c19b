//! When the count of a rule can rise although nothing is recorded: when the clock reaches times
//! that lie ahead of it, passes its peak, or reaches the instant that stands for uncertain times (a
//! receipt, the closing of a clock step), or when the local clock changes.

use super::evaluate::{Evaluation, RuleWindow};
use super::rule::{Rule, Subject};
use crate::bounds::MAX_RETRY_INSTANTS;

impl Evaluation<'_> {
    /// The instants at which the count can rise. Some of them are not after now.
    pub(super) fn rises(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> Vec<i64> {
        let (event, snapshot) = (rule.event(), self.snapshot);
        let reading = snapshot.reading(event);
        let mut rises = reading.map_or_else(Vec::new, |reading| reading.rises(MAX_RETRY_INSTANTS));
        rises.extend(snapshot.clock_peak());
        // What was counted under an unwatched step counts as if it happened at its closing.
        rises.extend(snapshot.view.unwatched.iter().map(|step| step.closed));
        rises.extend(snapshot.loss_instants(event));
        rises.extend(snapshot.stored_reservations(event).iter().map(|reservation| reservation.made));
        if let Some(marker) = rule.marker() {
            rises.extend(self.rises_of_marker(marker));
        }
        if let RuleWindow::Calendar(..) = window {
            rises.extend(snapshot.zone().changes_after(snapshot.now()));
        }
        rises
    }

    /// The instants at which a window since a marker can begin earlier, or at which a reservation
    /// of the marker can end.
    fn rises_of_marker(&self, marker: &str) -> Vec<i64> {
        let snapshot = self.snapshot;
        let reading = snapshot.reading(marker);
        let mut rises = reading.map_or_else(Vec::new, |reading| reading.rises(MAX_RETRY_INSTANTS));
        let reservations = snapshot.stored_reservations(marker);
        if reservations.is_empty() {
            return rises;
        }
        // One that was made ahead of the clock ends later once the clock passes that time.
        let at_peak = snapshot.clock_peak().map(|peak| snapshot.view_at(peak));
        for reservation in reservations {
            rises.extend([reservation.made, reservation.made.saturating_add(reservation.duration)]);
            let views = at_peak.iter().chain([snapshot.view]);
            rises.extend(views.map(|view| reservation.expires(view)));
        }
        rises
    }
}
