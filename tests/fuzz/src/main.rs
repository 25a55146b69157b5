//! `ereo-fuzzing [--seconds N] [--seed N] [TARGET | FILE]...`: the targets over their corpus, then over
//! mutations of it, without a fuzzer's toolchain. A FILE is run by the target that its folder names.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ereo_fuzzing::mutate::Mutator;
use ereo_fuzzing::{TARGETS, Target, target};

const USAGE: &str = "usage: ereo-fuzzing [--seconds N] [--seed N] [TARGET | FILE]...";
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

/// An input for which a target works longer than this is a failure: no parser takes long for 16 KiB.
const STUCK: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    match Arguments::of(std::env::args().skip(1)).and_then(|arguments| arguments.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ereo-fuzzing: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    seconds: u64,
    seed: u64,
    targets: Vec<&'static Target>,
    files: Vec<PathBuf>,
}

impl Arguments {
    fn of(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut found = Self { seconds: 20, seed: 1, targets: Vec::new(), files: Vec::new() };
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let number = arguments.next().and_then(|number| number.parse().ok());
                number.ok_or(format!("{argument} wants a number\n{USAGE}"))
            };
            match &*argument {
                "--seconds" => found.seconds = number()?,
                "--seed" => found.seed = number()?,
                path if Path::new(path).is_file() => found.files.push(path.into()),
                name => found.targets.push(target(name).ok_or(format!("no {name}\n{USAGE}"))?),
            }
        }
        if found.targets.is_empty() && found.files.is_empty() {
            found.targets = TARGETS.iter().collect();
        }
        Ok(found)
    }

    fn run(self) -> Result<(), String> {
        for file in self.files {
            let folder = file.parent().and_then(Path::file_name).and_then(OsStr::to_str);
            let Some(target) = folder.and_then(target) else {
                return Err(format!("no target is named as the folder of {}", file.display()));
            };
            let input = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            (target.run)(&input);
            println!("{}: holds for {}", target.name, file.display());
        }
        let each = Duration::from_secs(self.seconds) / self.targets.len().max(1) as u32;
        for target in self.targets {
            let ran = watch(target, self.seed, each)?;
            let Ran { corpus, mutations, took } = ran;
            let speed = mutations as f64 / took.as_secs_f64();
            println!(
                "{:14} {corpus:3} of the corpus, {mutations:8} mutations, {speed:.0}/s",
                target.name
            );
        }
        Ok(())
    }
}

/// Executions of one target.
struct Ran {
    corpus: usize,
    mutations: u64,
    took: Duration,
}

/// The input that a target is working on.
type Current = Arc<Mutex<Vec<u8>>>;

/// Runs a target on a thread of its own; the input that makes it panic, or that it does not come back
/// from, is written to a file.
fn watch(target: &'static Target, seed: u64, time: Duration) -> Result<Ran, String> {
    let corpus =
        read_corpus(target).map_err(|error| format!("corpus of {}: {error}", target.name))?;
    if corpus.is_empty() {
        return Err(format!("{} has no corpus", target.name));
    }
    let current = Current::default();
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn({
        let current = Arc::clone(&current);
        move || {
            let ran = panic::catch_unwind(|| run(target, &corpus, seed, time, &current));
            // Without a receiver the process has given up already.
            let _ = sender.send(ran.ok());
        }
    });
    // Checked once a run's time is over: a target that hangs is told of late, but told of.
    let why = match receiver.recv_timeout(time + STUCK) {
        Ok(Some(ran)) => {
            // It has sent the last that it does.
            let _ = thread.join();
            return Ok(ran);
        }
        Ok(None) | Err(RecvTimeoutError::Disconnected) => "a property is broken by",
        Err(RecvTimeoutError::Timeout) => "too much time is taken by",
    };
    let input = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let file = save(target, &input).map_err(|error| format!("cannot save {input:?}: {error}"))?;
    Err(format!("{}: {why} {}", target.name, file.display()))
}

fn run(target: &Target, corpus: &[Vec<u8>], seed: u64, time: Duration, current: &Current) -> Ran {
    let start = Instant::now();
    let execute = |input: Vec<u8>| {
        let mut now = current.lock().unwrap_or_else(PoisonError::into_inner);
        now.clone_from(&input);
        drop(now);
        (target.run)(&input);
    };
    corpus.iter().cloned().for_each(execute);
    let mut mutator = Mutator::new(seed, corpus, target.dictionary);
    let mut mutations = 0;
    while start.elapsed() < time {
        execute(mutator.make());
        mutations += 1;
    }
    Ran { corpus: corpus.len(), mutations, took: start.elapsed() }
}

/// Sorted by name: the order in which a folder is listed must not matter.
fn read_corpus(target: &Target) -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(FOLDER).join("corpus").join(target.name);
    let mut files = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();
    files.iter().map(fs::read).collect()
}

/// Where cargo-fuzz puts them too.
fn save(target: &Target, input: &[u8]) -> io::Result<PathBuf> {
    let folder = Path::new(FOLDER).join("artifacts").join(target.name);
    fs::create_dir_all(&folder)?;
    let file = folder.canonicalize()?.join("crash-stable");
    fs::write(&file, input)?;
    Ok(file)
}
