//! Seven years on three phones, in a few seconds: `cargo xtask demo`, or `cargo run --example demo`.
//!
//! Real actions of three people, each in the local time of that moment, are replayed on three phones. Each phone counts on
//! its own, asks whether it may show a prompt, is sent to the background, and is once killed in the middle of its work. In the
//! end the phones tell each other what they counted and answer for all three.
//!
//! Read `story/phone.rs` for how an app uses the library, and `story/prompt.rs` for a decision with several rules.

mod story;

use std::path::Path;
use std::time::Instant;

use story::answers::{Answers, ask};
use story::phone::Phone;
use story::{Fallible, life, sync, table};

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // Started by this program itself, to be killed.
        ["record-until-killed", folder, now] => {
            story::kill::record_until_killed(Path::new(folder), now.parse()?)
        }
        _ => tell(),
    }
}

fn tell() -> Fallible<()> {
    let started = Instant::now();
    let folder = tempfile::tempdir()?;
    println!("Seven years on three phones");
    println!("Each phone keeps its events in a log of its own in {}", folder.path().display());
    println!("(removed at the end).\n");

    println!("What each phone counts on its own: actions / app starts / review prompts shown");
    let mut phones = life::live(folder.path(), |year| println!("  {year}"))?;

    println!("\nKilled in the middle of its work");
    story::kill::kill_and_reopen(&mut phones, |line| println!("  {line}"))?;

    let alone = ask(&phones)?;
    println!("\nMay the review prompt be shown now, as far as each phone knows?");
    explain(&phones)?;

    println!("\nThe phones tell each other what they counted, and once more: nothing is counted twice");
    println!("  before: {}", sync::actions_known(&phones)?);
    for _ in 0..2 {
        println!("  {}", sync::everyone_tells_everyone(&phones)?);
        println!("  after:  {}", sync::actions_known(&phones)?);
    }
    let merged = Answers::the_same_on_all(ask(&phones)?)?;

    println!(
        "\nOn {}, each phone alone and all of them together",
        life::the_end()?.format("%A %Y-%m-%d, %H:%M UTC")
    );
    print!("{}", table::answers(&phones, &alone, &merged));

    println!("\nMay the review prompt be shown now, with all that they know together?");
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
