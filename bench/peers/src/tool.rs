//! Programs that count what a server does.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is counted, and by which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Instructions in user space, by `valgrind --tool=callgrind`.
    Instructions,
    /// System calls, by `strace`.
    SystemCalls,
    /// Allocations on the heap, by `valgrind --tool=memcheck`.
    Allocations,
}

impl Tool {
    /// The command, run under the tool, which writes to `report` when the command ends.
    pub fn around(self, command: &Command, report: &Path) -> Command {
        let report = report.display();
        let mut tool = match self {
            Self::Instructions => valgrind(&[
                "--quiet",
                "--tool=callgrind",
                &format!("--callgrind-out-file={report}"),
            ]),
            Self::Allocations => {
                valgrind(&["--tool=memcheck", "--leak-check=no", &format!("--log-file={report}")])
            }
            Self::SystemCalls => {
                let mut strace = Command::new("strace");
                // -D: the tracer is the grandchild, so that the child is the server.
                strace.args(["-D", "-f", "-c", "-o", &report.to_string()]);
                strace
            }
        };
        tool.arg(command.get_program()).args(command.get_args());
        tool.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        tool
    }

    /// The count in what the tool wrote; `None` when it is not all there yet.
    pub fn count(self, report: &str) -> Option<u64> {
        let number = |text: &str| text.replace(',', "").parse().ok();
        match self {
            // `summary: 123`
            Self::Instructions => {
                let line = report.lines().find_map(|line| line.strip_prefix("summary: "))?;
                number(line.trim())
            }
            // `==1== total heap usage: 1,234 allocs, 1,230 frees, 5,678 bytes allocated`
            Self::Allocations => {
                let (_, rest) = report.split_once("total heap usage: ")?;
                number(rest.split_whitespace().next()?)
            }
            // `100.00    0.001234           1      1234        12 total`, the errors only if there were some
            Self::SystemCalls => {
                let line = report.lines().find(|line| line.trim_end().ends_with(" total"))?;
                number(line.split_whitespace().nth(3)?)
            }
        }
    }

    /// Where a report of this process may stand.
    pub fn report(self) -> PathBuf {
        std::env::temp_dir().join(format!("ereo-bench-{}-{self:?}", std::process::id()))
    }
}

fn valgrind(options: &[&str]) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(options);
    valgrind
}

#[cfg(test)]
mod tests {
    use super::Tool;

    #[test]
    fn counts_are_read_from_the_reports() {
        assert_eq!(Tool::Instructions.count("events: Ir\nsummary: 1234567\n\n"), Some(1_234_567));
        let heap = "==9== total heap usage: 1,234 allocs, 1,230 frees, 5,678 bytes allocated\n";
        assert_eq!(Tool::Allocations.count(heap), Some(1_234));
        let calls = "------ ----------- ----------- --------- --------- ----------------\n100.00    0.035443          35       990         3 total\n";
        assert_eq!(Tool::SystemCalls.count(calls), Some(990));
        assert_eq!(Tool::SystemCalls.count("% time     seconds  usecs/call     calls"), None);
    }
}
