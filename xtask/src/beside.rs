//! Runs steps in a second process. What it prints is printed at its end.

use crate::failure::{Failure, Result, WithPath};
use crate::project;
use crate::report::Steps;
use crate::run::Run;
use std::path::PathBuf;
use std::process::Child;

/// A process with these commands that runs.
pub struct Beside {
    process: Child,
    output: PathBuf,
}

impl Beside {
    /// Starts this program with other arguments.
    pub fn start(arguments: impl IntoIterator<Item = &'static str>) -> Result<Self> {
        let program = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
        let output = project::target().join("beside.txt");
        let process = Run::new(program).args(arguments).start(&output)?;
        println!("its output follows at the end, and is in {} until then", output.display());
        Ok(Self { process, output })
    }

    /// Waits for the end of the process, prints its output and returns the steps of its summary.
    pub fn end(mut self) -> Result<Steps> {
        self.process.wait().with_path(&self.output)?;
        let text = std::fs::read(&self.output).with_path(&self.output)?;
        let text = String::from_utf8_lossy(&text);
        println!("\n== output of the second process\n{text}");
        Steps::of(&text).ok_or_else(|| Failure::new("the second process ended without a summary"))
    }
}
