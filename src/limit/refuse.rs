//! The details of a refusal: every rule that has to change, and when it does.

use super::evaluate::Evaluation;
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
        let refusals = with_place.filter_map(|(place, (index, rule))| {
            let passes = self.evaluation.passes(self.limit, index, &rule);
            (passes != wanted).then(|| self.refusal(place, index, &rule, wanted))
        });
        refusals.collect()
    }

    /// The details of a rule or a group that has to change.
    fn refusal(&self, place: usize, index: usize, rule: &Rule<Subject<'_>>, wanted: bool) -> Refusal {
        let (verdict, branches) = match rule.subject {
            Subject::Group(_) => {
                // The rules of none of have to do the opposite.
                let of_rule = wanted == (rule.kind != RuleKind::NoneOf);
                (None, self.branches(self.limit.children_of(index, rule), of_rule))
            }
            Subject::Event(_) | Subject::Schedule(..) => (Some(self.evaluation.verdict(rule)), Vec::new()),
        };
        Refusal {
            place,
            constraint: self.limit.constraint_at(index, rule),
            count: verdict.and_then(|verdict| verdict.count),
            after_loss: verdict.is_some_and(|verdict| verdict.after_loss),
            retry_after: self.search.wait(index, rule, wanted),
            passes: !wanted,
            branches,
        }
    }
}
