//! Runs other programs and prints their command lines.

use crate::failure::{Failure, Result, WithPath};
use crate::project;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

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
    /// incremental files would fill the disk. Debug information is left out, because a panic names its
    /// line without it.
    pub fn cargo(subcommand: &str) -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        run.display = "cargo".to_owned();
        run = run.arg(subcommand);
        if !project::on_ci() {
            return run;
        }
        run.arg("--locked").env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0")
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
        self.successful(&output)
    }

    /// As [`Run::stdout`]. A program that runs longer than `limit` is ended, which is a failure.
    pub fn stdout_within(mut self, limit: Duration) -> Result<String> {
        let child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| self.cannot_run(&error))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (ended, end) = mpsc::channel();
        let (output, in_time) = std::thread::scope(|scope| {
            let out = scope.spawn(move || {
                let bytes = to_the_end(out);
                // Nobody waits for it any more if the time is over.
                let _ = ended.send(());
                bytes
            });
            let err = scope.spawn(move || to_the_end(err));
            let in_time = end.recv_timeout(limit).is_ok();
            if !in_time {
                child.kill().map_err(|error| self.cannot_run(&error))?;
            }
            let status = child.wait().map_err(|error| self.cannot_run(&error))?;
            let (stdout, stderr) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
            Ok((Output { status, stdout, stderr }, in_time))
        })?;
        if in_time {
            self.successful(&output)
        } else {
            let errors = String::from_utf8_lossy(&output.stderr);
            let message = format!("`{}` did not end within {limit:?}\n{errors}", self.display);
            Err(Failure::new(message.trim_end()))
        }
    }

    fn successful(&self, output: &Output) -> Result<String> {
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

fn to_the_end(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is kept for the message.
    let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
    bytes
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

#[cfg(test)]
mod tests {
    use super::Run;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_program_that_does_not_end_is_a_failure() {
        let failure = Run::new("sleep").arg("600").stdout_within(Duration::from_millis(1)).unwrap_err();
        assert_eq!(failure.to_string(), "`sleep 600` did not end within 1ms");
    }

    #[test]
    fn a_program_that_ends_in_time_is_as_one_without_a_limit() {
        assert_eq!(Run::new("echo").arg("three").stdout_within(LONG).unwrap(), "three\n");
        let failure = Run::new("false").stdout_within(LONG).unwrap_err();
        assert!(failure.to_string().starts_with("`false` failed"), "{failure}");
        let failure = Run::new("sh").args(["-c", "echo broken >&2; exit 1"]).stdout_within(LONG).unwrap_err();
        assert!(failure.to_string().ends_with("broken\n"), "{failure}");
    }
}
