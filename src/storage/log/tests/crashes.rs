//! Power loss at every moment, with different combinations of unsynced writes that survive.

use super::model::{Dice, Model, Step, is_clean, open, run, script};
use super::sim::SimDisk;

/// How many combinations of surviving writes are tried for each moment.
const COMBINATIONS: u64 = 60;

#[test]
fn after_power_loss_all_synced_data_and_a_prefix_of_the_rest_are_there() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let mut dice = Dice(0x5EED);
    // The states that power loss may leave; the first is the last synced one.
    let mut allowed = vec![Model::default()];
    for step in script() {
        let before = disk.moment();
        let mut model = allowed[allowed.len() - 1].clone();
        if let Step::Write(changes) = &step {
            model.apply(changes);
            allowed.push(model.clone());
        }
        run(&log, &step).unwrap();
        for moment in before..=disk.moment() {
            for combination in 0..COMBINATIONS {
                let image = match combination {
                    0 => disk.power_lost(moment, || false),
                    1 => disk.power_lost(moment, || true),
                    n if n % 2 == 0 => disk.power_lost(moment, || dice.below(2) == 0),
                    _ => disk.power_lost(moment, || dice.below(10) > 0),
                };
                let (found, clean) = found(&image, &dir);
                assert!(clean, "{step:?} at {moment}, combination {combination}");
                assert!(
                    allowed.contains(&found),
                    "{step:?} at {moment}, combination {combination}: {found:?}"
                );
            }
        }
        if !matches!(step, Step::Write(_)) {
            allowed = vec![model];
            let image = disk.power_lost(disk.moment(), || false);
            assert_eq!(found(&image, &dir), (allowed[0].clone(), true), "{step:?}");
        }
        assert_eq!(found(&disk.killed(), &dir), (allowed[allowed.len() - 1].clone(), true), "{step:?}");
    }
}

/// What a store reads from `image`, and whether it reported no damage. The image is moved to
/// another folder, because the store that wrote it still has its folder open. A later write must
/// change nothing else.
fn found(image: &SimDisk, dir: &std::path::Path) -> (Model, bool) {
    let elsewhere = SimDisk::dir();
    image.move_dir(dir, &elsewhere);
    let (log, report) = open(image, &elsewhere);
    let model = Model::of(&log);
    run(&log, &Step::Write(vec![super::model::Change::Put("after", vec![7; 9])])).unwrap();
    drop(log);
    let (log, again) = open(image, &elsewhere);
    let mut after = Model::of(&log);
    assert_eq!(after.values.remove("after"), Some(vec![7; 9]));
    assert_eq!(after, model, "the recovered content stays after the next write");
    (model, is_clean(&report) && is_clean(&again))
}
