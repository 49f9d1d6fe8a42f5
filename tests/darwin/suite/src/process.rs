//! Running a command to its end, or to the end of one's patience.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test may take. Those that wait for what should happen give up after 20 seconds themselves.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) out: String,
    pub(crate) complaints: String,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Exited(i32),
    Killed(i32),
    TimedOut,
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, signal) => Self::Killed(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit status {code}"),
            Self::Killed(signal) => write!(f, "killed by signal {signal}"),
            Self::TimedOut => f.write_str("no end in sight"),
        }
    }
}

impl Finished {
    /// All that there is to see, for a test that has failed.
    pub(crate) fn to_text(&self) -> String {
        format!("{}\n{}{}", self.end, self.out, self.complaints)
    }
}

/// Runs a command without input. Its backtraces are for those who ask for them: they take their time.
pub(crate) fn run(command: &mut Command) -> io::Result<Finished> {
    run_within(PATIENCE, command)
}

fn run_within(patience: Duration, command: &mut Command) -> io::Result<Finished> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        command.env("RUST_BACKTRACE", "0");
    }
    let deadline = Instant::now() + patience;
    let mut child = command.spawn()?;
    let pipes = [Reader::of(child.stdout.take()), Reader::of(child.stderr.take())];
    let in_time = pipes.iter().all(|pipe| pipe.has_ended_by(deadline));
    let status = if in_time { wait_until(deadline, &mut child)? } else { None };
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    let [out, complaints] = pipes.map(Reader::into_text);
    Ok(Finished { end: status.map_or(End::TimedOut, End::from), out, complaints })
}

/// Waits for a process that has closed its pipes, which most do by ending: asks from time to time, for want of a wait
/// that gives up.
fn wait_until(deadline: Instant, child: &mut Child) -> io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A thread that reads a pipe to its end.
struct Reader {
    text: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<Infallible>,
}

impl Reader {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let (sender, ended) = mpsc::channel();
        let text = Arc::new(Mutex::new(Vec::new()));
        let read = Arc::clone(&text);
        thread::spawn(move || {
            let mut pipe = pipe;
            // Dropped when this ends, which is what the other side hears.
            let _sender = sender;
            let mut chunk = [0; 4096];
            while let Some(Ok(length @ 1..)) = pipe.as_mut().map(|pipe| pipe.read(&mut chunk)) {
                read.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..length]);
            }
        });
        Self { text, ended }
    }

    fn has_ended_by(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        matches!(self.ended.recv_timeout(left), Err(RecvTimeoutError::Disconnected))
    }

    /// What has been read so far.
    fn into_text(self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Finished {
        run(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn what_a_process_prints_is_kept_apart() {
        let finished = shell("echo out; echo complaint >&2; exit 3");
        assert_eq!((finished.end, finished.out.as_str()), (End::Exited(3), "out\n"));
        assert_eq!(finished.complaints, "complaint\n");
    }

    #[test]
    fn a_signal_is_no_exit_status() {
        assert_eq!(shell("kill -KILL $$").end, End::Killed(9));
    }

    #[test]
    fn a_process_without_an_end_is_killed_and_what_it_printed_is_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo begun; exec sleep 1000"]);
        let finished = run_within(Duration::from_secs(1), &mut command).unwrap();
        assert_eq!((finished.end, finished.out.as_str()), (End::TimedOut, "begun\n"));
    }

    #[test]
    fn a_process_that_only_closes_its_pipes_is_killed_too() {
        let mut command = Command::new("sh");
        command.args(["-c", "exec sleep 1000 >&- 2>&-"]);
        assert_eq!(run_within(Duration::from_secs(1), &mut command).unwrap().end, End::TimedOut);
    }

    #[test]
    fn a_command_that_is_not_there_is_an_error() {
        assert!(run(&mut Command::new("/no/such/command")).is_err());
    }
}
