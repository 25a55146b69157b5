//! The server as a child process.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::Result;

/// Killed when it is dropped.
pub struct Process {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    id: u32,
    pub address: SocketAddr,
}

impl Process {
    /// Starts the program at `path` with the argument `serve`, and waits until it is bound.
    ///
    /// # Errors
    /// When it cannot be started, or does not say its port.
    pub async fn start(path: &str, variables: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new(path)
            .arg("serve")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("the child has no output")?;
        let mut said = BufReader::new(out).lines();
        let port = said.next_line().await?;
        let port = port.ok_or("the server ended before it was bound")?.parse()?;
        let id = child.id().ok_or("the server has ended")?;
        Ok(Self { child, said, id, address: SocketAddr::from(([127, 0, 0, 1], port)) })
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    /// When there is no `kill`, or no process.
    pub async fn terminate(&self) -> Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.id.to_string()]).status().await?;
        if sent.success() { Ok(()) } else { Err("kill did not find the server".into()) }
    }

    /// Waits for its end, which must be a success.
    ///
    /// # Errors
    /// When it failed.
    pub async fn ended(mut self) -> Result<()> {
        let status = self.child.wait().await?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }

    /// Waits for its end, which must be a success; the number of the last message that it has broadcast.
    ///
    /// # Errors
    /// When it failed, or does not say one.
    pub async fn last_number(mut self) -> Result<u64> {
        let said = self.said.next_line().await?.ok_or("the server did not say its last number")?;
        self.ended().await?;
        Ok(said.parse()?)
    }

    /// Kills it, as `kill -9` does, and waits for its end.
    ///
    /// # Errors
    /// When it cannot be.
    pub async fn killed(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Resident memory in KiB.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let line = line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(line.parse()?)
    }

    /// Processor time so far, in clock ticks.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn ticks(&self) -> Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        // Behind the name, which may have spaces: user and system time are fields 14 and 15 of all.
        let (_, rest) = stat.rsplit_once(')').ok_or("no name")?;
        let mut fields = rest.split_whitespace().skip(11);
        let mut field = || fields.next().ok_or("too few fields");
        Ok(field()?.parse::<u64>()? + field()?.parse::<u64>()?)
    }

    /// Open descriptors: every socket is one, or two.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn descriptors(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.id))?.count())
    }
}
