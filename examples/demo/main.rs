//! Replays seven years of events on three phones in a few seconds. Run it with `cargo xtask demo`
//! or `cargo run --example demo`.
//!
//! The recorded actions of three people are replayed, each at its local time. Each phone counts its
//! own actions, decides whether to show a review prompt, and saves when the app goes to the
//! background. One process is killed while it records. At the end the phones exchange their counts,
//! and each phone answers for all three.
//!
//! `story/phone.rs` shows how an app uses the library. `story/prompt.rs` shows a decision with
//! several rules.

mod story;

use std::path::Path;
use std::time::Instant;

use story::answers::{Answers, ask};
use story::phone::Phone;
use story::{Fallible, life, sync, table};

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // The demo starts this second process in order to kill it.
        ["record-until-killed", folder, now] => {
            story::kill::record_until_killed(Path::new(folder), now.parse()?)
        }
        _ => run(),
    }
}

fn run() -> Fallible<()> {
    let started = Instant::now();
    let folder = tempfile::tempdir()?;
    println!("Seven years on three phones");
    println!("Each phone stores its events in its own folder in {}", folder.path().display());
    println!("(removed at the end).\n");

    println!("Counts of each phone by year: actions / app starts / review prompts shown");
    let mut phones = life::live(folder.path(), |year| println!("  {year}"))?;

    println!("\nA process is killed while it records");
    story::kill::kill_and_reopen(&mut phones, |line| println!("  {line}"))?;

    let alone = ask(&phones)?;
    println!("\nMay the review prompt be shown now? Each phone answers by its own counts:");
    explain(&phones)?;

    println!("\nThe phones exchange their counts twice; the second exchange changes nothing");
    println!("  before: {}", sync::actions_known(&phones)?);
    for _ in 0..2 {
        println!("  {}", sync::everyone_tells_everyone(&phones)?);
        println!("  after:  {}", sync::actions_known(&phones)?);
    }
    let merged = Answers::the_same_on_all(ask(&phones)?)?;

    println!(
        "\nAnswers on {}: each phone alone, and all together",
        life::the_end()?.format("%A %Y-%m-%d, %H:%M UTC")
    );
    print!("{}", table::answers(&phones, &alone, &merged));

    println!("\nMay the review prompt be shown now? Each phone answers by all counts:");
    explain(&phones)?;
    println!("\nDone in {:.1} s.", started.elapsed().as_secs_f64());
    Ok(())
}

fn explain(phones: &[Phone]) -> Fallible<()> {
    for phone in phones {
        println!("  {}: {}", phone.name, story::prompt::explain(phone)?);
    }
    Ok(())
}
