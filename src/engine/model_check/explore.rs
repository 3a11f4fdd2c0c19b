//! All schedules, the shortest first.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use foldhash::fast::FixedState;

use super::step::{Named, Step};
use super::world::{Check, World};

/// The fingerprints of the known states.
type Seen = HashSet<u64, FixedState>;

/// The most steps of a schedule.
pub(super) const MAX_STEPS: usize = 14;

/// A schedule: the indices of its steps in those of the kind.
#[derive(Clone, Copy, Default)]
struct Path {
    steps: [u8; MAX_STEPS],
    len: u8,
    named: Named,
}

impl Path {
    fn steps<'a>(&'a self, all: &'a [Step]) -> impl Iterator<Item = Step> + 'a {
        self.steps.iter().take(self.len.into()).map(|index| all[usize::from(*index)])
    }

    fn with(mut self, index: usize, named: Named) -> Path {
        self.steps[usize::from(self.len)] = u8::try_from(index).unwrap();
        self.len += 1;
        Path { named, ..self }
    }
}

/// What was explored.
#[derive(Debug)]
pub(super) struct Explored {
    pub(super) states: usize,
    /// How many steps the schedules have that were explored completely.
    pub(super) depth: usize,
}

/// Explores all schedules of these steps that have up to `depth` of them, until `limit` states are
/// known.
///
/// # Errors
/// The shortest schedule that violates a property, and how.
pub(super) fn explore(steps: &[Step], named: Named, depth: usize, limit: usize) -> Result<Explored, String> {
    let mut seen = Seen::default();
    seen.insert(World::new().fingerprint());
    let mut level = vec![Path { named, ..Path::default() }];
    let most = depth.min(MAX_STEPS);
    for depth in 0..most {
        let mut next = Vec::new();
        for path in &level {
            expand(steps, path, &mut seen, &mut next)?;
            if seen.len() >= limit {
                return Ok(Explored { states: seen.len(), depth });
            }
        }
        level = next;
    }
    Ok(Explored { states: seen.len(), depth: most })
}

/// Checks the new states after one more step, and adds them to `next`.
fn expand(steps: &[Step], path: &Path, seen: &mut Seen, next: &mut Vec<Path>) -> Check {
    let mut world = World::new();
    path.steps(steps).try_for_each(|step| world.step(step))?;
    for (index, step) in steps.iter().enumerate() {
        let Some(named) = path.named.after(*step) else { continue };
        if !world.allows(*step) {
            continue;
        }
        let run = || {
            let mut after = world.clone();
            after.step(*step)?;
            let is_new = seen.insert(after.fingerprint());
            if is_new { after.check().map(|()| true) } else { Ok(false) }
        };
        let is_new = caught(run).map_err(|error| {
            let schedule: Vec<Step> = path.steps(steps).chain([*step]).collect();
            format!("{schedule:?}: {error}")
        })?;
        if is_new {
            next.push(path.with(index, named));
        }
    }
    Ok(())
}

/// A panic is an error too.
fn caught<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}
