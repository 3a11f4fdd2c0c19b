//! The methods that add a rule, for `Limit` and for `Limiter`.

/// Defines the methods that add a rule, for a type that has the method `limit_mut`.
macro_rules! rule_methods {
    () => {
        /// Adds a rule: it passes if the event happened fewer than `limit` times in the window.
        ///
        /// A window is a `TimeUnit` (the current one), a `(usize, TimeUnit)` (that many, the
        /// current one included) or a `Duration` (the time up to now), which is a rolling window. A
        /// calendar window has at most as many units as are tracked. A rolling window is at most as
        /// long as `EventStore::reach` of `Ever`.
        ///
        /// The rule compares the greatest number of times that the event can have happened in the
        /// window. The bucket in which a rolling window begins counts as a whole. With a limit of 1
        /// a rolling window has any length and is exact to the millisecond. Pending reservations
        /// count.
        #[inline(always)]
        pub fn at_most<'w>(
            mut self,
            event_id: impl $crate::event_id::EventId,
            limit: u32,
            window: impl Into<$crate::time::window::Window<'w>>,
        ) -> Self {
            let kind = $crate::limit::RuleKind::AtMost;
            self.limit_mut().push(event_id.as_ref(), kind, limit, window.into());
            self
        }

        /// Adds a rule: it passes if the event happened at least `count` times in the window, which
        /// is given as for `at_most`. The rule compares the least number of times that the event
        /// can have happened in the window. If a rolling window begins inside a bucket, that bucket
        /// does not count. With a count of 1 a rolling window has any length and is exact to the
        /// millisecond.
        #[inline(always)]
        pub fn at_least<'w>(
            mut self,
            event_id: impl $crate::event_id::EventId,
            count: u32,
            window: impl Into<$crate::time::window::Window<'w>>,
        ) -> Self {
            let kind = $crate::limit::RuleKind::AtLeast;
            self.limit_mut().push(event_id.as_ref(), kind, count, window.into());
            self
        }

        /// Adds a rule: it passes if the event did not happen within the last `duration`, to the
        /// millisecond. It passes again as soon as `duration` has passed. Pending reservations
        /// count.
        #[inline(always)]
        pub fn cooldown(
            mut self,
            event_id: impl $crate::event_id::EventId,
            duration: chrono::Duration,
        ) -> Self {
            let kind = $crate::limit::RuleKind::Cooldown;
            self.limit_mut().push(event_id.as_ref(), kind, 0, duration.into());
            self
        }

        /// Adds a rule: it passes if the event happened within the last `duration`, to the
        /// millisecond. The instant that lies the whole `duration` ago is included.
        #[inline(always)]
        pub fn within(
            mut self,
            prerequisite_event: impl $crate::event_id::EventId,
            duration: chrono::Duration,
        ) -> Self {
            let kind = $crate::limit::RuleKind::Within;
            self.limit_mut().push(prerequisite_event.as_ref(), kind, 0, duration.into());
            self
        }

        /// Adds a rule: it passes if now is a time of the schedule.
        pub fn during(mut self, schedule: $crate::limit::Schedule) -> Self {
            self.limit_mut().push_schedule(schedule, $crate::limit::RuleKind::During);
            self
        }

        /// Adds a rule: it passes if now is not a time of the schedule.
        pub fn outside_of(mut self, schedule: $crate::limit::Schedule) -> Self {
            self.limit_mut().push_schedule(schedule, $crate::limit::RuleKind::OutsideOf);
            self
        }

        /// Adds a group: it passes if all of the limits pass. It is useful inside another group; a
        /// limit by itself already needs all of its rules.
        pub fn all_of(mut self, limits: impl IntoIterator<Item = $crate::limit::Limit>) -> Self {
            self.limit_mut().push_group($crate::limit::RuleKind::AllOf, limits);
            self
        }

        /// Adds a group: it passes if at least one of the limits passes. Groups nest at most 4
        /// deep.
        pub fn any_of(mut self, limits: impl IntoIterator<Item = $crate::limit::Limit>) -> Self {
            self.limit_mut().push_group($crate::limit::RuleKind::AnyOf, limits);
            self
        }

        /// Adds a group: it passes if none of the limits passes. Groups nest at most 4 deep.
        ///
        /// Inside, what is not certain counts for passing, because the group must not pass by
        /// mistake: `at_least` and `within` count what may have happened, reservations included,
        /// and pass after a loss, and `at_most` and `cooldown` count only what certainly happened.
        /// A group inside a `none_of` that is inside another one counts as usual.
        pub fn none_of(mut self, limits: impl IntoIterator<Item = $crate::limit::Limit>) -> Self {
            self.limit_mut().push_group($crate::limit::RuleKind::NoneOf, limits);
            self
        }

        /// Adds a rule that was made elsewhere.
        pub fn constraint(mut self, constraint: $crate::limit::Constraint) -> Self {
            self.limit_mut().push_constraint(constraint);
            self
        }

        /// Records a further event whenever the event of the decision is recorded, in the same
        /// step: by `check_and_record`, and when a reservation is committed. A reservation reserves
        /// both. So a cap for one kind of message and a cap for all messages cannot race. At most 8
        /// events, none of them twice, and none of them the event of the decision.
        pub fn also_record(mut self, event_id: impl $crate::event_id::EventId) -> Self {
            self.limit_mut().push_also(event_id.as_ref());
            self
        }
    };
}

pub(crate) use rule_methods;
