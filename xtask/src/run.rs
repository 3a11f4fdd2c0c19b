//! Runs other programs, showing what is run.

use crate::failure::{Failure, Result};
use crate::project;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

pub struct Run {
    command: Command,
    shown: String,
}

/// What a watched program said, and whether it succeeded.
pub struct Said {
    pub text: String,
    pub success: bool,
}

impl Run {
    /// A program, started in the project's root.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(project::root()).stdin(Stdio::null());
        Self { shown: name(program), command }
    }

    /// A cargo subcommand. On CI the lock file must be right as it is.
    pub fn cargo(subcommand: &str) -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        run.shown = "cargo".to_owned();
        run = run.arg(subcommand);
        if project::on_ci() { run.arg("--locked") } else { run }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it, with its output going where ours goes.
    pub fn go(mut self) -> Result {
        println!("$ {}", self.shown);
        let status = self.command.status().map_err(|error| self.unstarted(&error))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("`{}` failed: {status}", self.shown)))
        }
    }

    /// Runs it without a word and returns what it wrote to its standard output.
    pub fn read(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::piped()).output().map_err(|error| self.unstarted(&error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{}` failed: {}\n{said}", self.shown, output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it, showing its output and keeping it, so that its tests can be counted.
    pub fn watch(mut self) -> Result<Said> {
        println!("$ {}", self.shown);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.unstarted(&error))?;
        let text = Mutex::new(String::new());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            scope.spawn(|| pass_on(out, &text));
            scope.spawn(|| pass_on(err, &text));
        });
        let status = child.wait().map_err(|error| self.unstarted(&error))?;
        let text = text.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Said { text, success: status.success() })
    }

    fn unstarted(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}` could not be run: {error}", self.shown))
    }
}

fn pass_on(stream: Option<impl Read>, text: &Mutex<String>) {
    let Some(stream) = stream else { return };
    for line in BufReader::new(stream).split(b'\n').map_while(std::io::Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&line);
        text.push('\n');
    }
}

fn name(program: &OsStr) -> String {
    Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned()
}

/// Whether a program is to be found on PATH.
pub fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
