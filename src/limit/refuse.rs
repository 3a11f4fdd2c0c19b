//! The details of a refusal: every rule that has to change, and when it does.

use super::evaluate::{Evaluation, Verdict};
use super::refusal::{LimitExceeded, Refusal};
use super::retry::Search;
use super::rule::{Rule, RuleKind, Subject};
use super::rules::{Children, Limit};

impl Evaluation<'_> {
    /// The refusal of `event` by a limit of which a rule does not pass.
    pub(crate) fn refusal(&self, limit: &Limit, event: &str) -> LimitExceeded {
        let details = Details { evaluation: self, limit, search: Search::new(self, limit) };
        let all = details.branches(limit.children(0..limit.len()), true);
        let allowed_after = details.search.wait_of_all(all.iter().map(|refusal| refusal.retry_after));
        LimitExceeded::new(event, all, allowed_after)
    }
}

struct Details<'e> {
    evaluation: &'e Evaluation<'e>,
    limit: &'e Limit,
    search: Search<'e>,
}

impl Details<'_> {
    /// The rules that do not do what is wanted of them: to pass or not to.
    fn branches(&self, rules: Children<'_>, wanted: bool) -> Vec<Refusal> {
        let with_place = rules.enumerate();
        with_place.filter_map(|(place, (index, rule))| self.refusal(place, index, &rule, wanted)).collect()
    }

    /// The details of a rule or a group if it has to change.
    fn refusal(&self, place: usize, index: usize, rule: &Rule<Subject<'_>>, wanted: bool) -> Option<Refusal> {
        let (verdict, branches) = match rule.subject {
            Subject::Event(_) | Subject::Since { .. } | Subject::Schedule(..) => {
                (self.evaluation.verdict(rule), Vec::new())
            }
            Subject::Group(_) => {
                let passes = self.evaluation.passes(self.limit, index, rule);
                // The rules of none of have to do the opposite.
                let of_rule = wanted == (rule.kind != RuleKind::NoneOf);
                let verdict = Verdict { passes, count: None, after_loss: false };
                let branches = match passes == wanted {
                    true => Vec::new(),
                    false => self.branches(self.limit.children_of(index, rule), of_rule),
                };
                (verdict, branches)
            }
        };
        (verdict.passes != wanted).then(|| Refusal {
            place,
            constraint: self.limit.constraint_at(index, rule),
            count: verdict.count,
            after_loss: verdict.after_loss,
            retry_after: self.search.wait(index, rule, wanted),
            passes: verdict.passes,
            branches,
        })
    }
}
