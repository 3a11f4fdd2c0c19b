//! The answers as a table.

use chrono::Duration;

use super::answers::Answers;
use super::phone::Phone;

/// A question: its label, and the text of its answer.
type Question = (&'static str, fn(&Answers) -> String);

const QUESTIONS: [Question; 13] = [
    ("actions ever", |answers| number(answers.actions_ever)),
    ("actions in the last 12 months", |answers| number(answers.actions_in_12_months)),
    ("actions in the last 28 days", |answers| number(answers.actions_in_28_days)),
    ("active days in the last 28", |answers| number(answers.active_days_in_28)),
    ("active weeks in the last 52", |answers| number(answers.active_weeks_in_52)),
    ("actions per day, last 28 days", |answers| decimal(answers.actions_a_day_in_28)),
    ("app starts in the last 48 hours", |answers| number(answers.launches_in_48_hours)),
    ("fixes per action, last 12 months", |answers| decimal(answers.fixes_per_action_in_12_months)),
    ("time since the last action", |answers| time(answers.since_last_action)),
    ("time since the last fix", |answers| time(answers.since_last_fix)),
    ("time since the first action", |answers| time(answers.since_first_action)),
    ("review prompts shown ever", |answers| number(answers.prompts_ever)),
    ("review prompt allowed now?", |answers| decision(answers)),
];

/// A table with a column for each phone and one for all together.
pub fn answers(phones: &[Phone], alone: &[Answers], merged: &Answers) -> String {
    let mut head = vec![String::new()];
    head.extend(phones.iter().map(|phone| phone.name.clone()));
    head.push("together".to_owned());
    let mut lines = vec![head];
    for (name, answer) in QUESTIONS {
        let mut line = vec![name.to_owned()];
        line.extend(alone.iter().chain([merged]).map(answer));
        lines.push(line);
    }
    align(&lines)
}

/// Aligns the first column to the left and the others to the right.
fn align(lines: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, text) in widths.iter_mut().zip(line) {
            *width = (*width).max(text.chars().count());
        }
    }
    let mut out = String::new();
    for line in lines {
        for (column, (text, width)) in line.iter().zip(&widths).enumerate() {
            out += &if column == 0 { format!("  {text:<width$}") } else { format!("  {text:>width$}") };
        }
        out.push('\n');
    }
    out
}

fn number(answer: Option<impl ToString>) -> String {
    answer.map_or_else(|| "-".to_owned(), |answer| answer.to_string())
}

fn decimal(answer: Option<f64>) -> String {
    answer.map_or_else(|| "-".to_owned(), |answer| format!("{answer:.2}"))
}

fn time(answer: Option<Duration>) -> String {
    match answer {
        None => "never".to_owned(),
        Some(time) if time < Duration::days(3) => format!("{} h", time.num_hours()),
        Some(time) => format!("{} days", time.num_days()),
    }
}

fn decision(answers: &Answers) -> String {
    match (answers.prompt_allowed, answers.prompt_refused_for) {
        (true, _) => "yes".to_owned(),
        (false, Some(wait)) => format!("in {}", time(Some(wait))),
        (false, None) => "no".to_owned(),
    }
}
