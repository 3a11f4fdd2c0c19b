//! Runs other programs and prints their command lines.

use crate::failure::{Failure, Result, WithPath};
use crate::project;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The options of a Java program that runs for less than a minute: the better compiler of the JVM takes
/// more time than it saves.
pub const SHORT_JAVA: [&str; 2] = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/// A program with its arguments.
pub struct Run {
    command: Command,
    /// The command line in messages.
    display: String,
}

/// The output of a program, and whether it succeeded.
pub struct Captured {
    pub text: String,
    pub success: bool,
}

impl Run {
    /// A program that runs in the root folder of the project.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(project::root()).stdin(Stdio::null());
        Self { display: name(program), command }
    }

    /// A cargo subcommand. On CI the lock file must not change, and nothing is kept for a next build:
    /// incremental files would fill the disk.
    pub fn cargo(subcommand: &str) -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        run.display = "cargo".to_owned();
        run = run.arg(subcommand);
        if project::on_ci() { run.arg("--locked").env("CARGO_INCREMENTAL", "0") } else { run }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.display.push(' ');
        self.display.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Runs the program in another folder.
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the program without capturing its output.
    pub fn execute(mut self) -> Result {
        println!("$ {}", self.display);
        let status = self.command.status().map_err(|error| self.cannot_run(&error))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("`{}` failed: {status}", self.display)))
        }
    }

    /// Starts the program with its output in a file.
    pub fn start(mut self, output: &Path) -> Result<Child> {
        println!("$ {}", self.display);
        let file = File::create(output).with_path(output)?;
        let errors = file.try_clone().with_path(output)?;
        self.command.stdout(file).stderr(errors).spawn().map_err(|error| self.cannot_run(&error))
    }

    /// Runs the program without printing anything, and returns its standard output.
    pub fn stdout(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::piped()).output().map_err(|error| self.cannot_run(&error))?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{}` failed: {}\n{errors}", self.display, output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs the program, prints its output and also returns it.
    pub fn capture(mut self) -> Result<Captured> {
        println!("$ {}", self.display);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.cannot_run(&error))?;
        let text = Mutex::new(String::new());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            scope.spawn(|| print_and_collect(out, &text));
            scope.spawn(|| print_and_collect(err, &text));
        });
        let status = child.wait().map_err(|error| self.cannot_run(&error))?;
        let text = text.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Captured { text, success: status.success() })
    }

    fn cannot_run(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}` could not be run: {error}", self.display))
    }
}

fn print_and_collect(stream: Option<impl Read>, text: &Mutex<String>) {
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

/// Whether PATH contains a program.
pub fn on_path(program: &str) -> bool {
    find(program).is_some()
}

/// The first program of this name in PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
