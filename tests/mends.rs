//! Each message says how its mistake is mended. Here that is done, and the result compiles.
//!
//! A case of `ui/fail` ends with what its help says, one line for each place: `// mend: old => new`, where `⏎` is
//! the end of a line and the first `old` above is replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands in front of a mended case. It is the only error: trybuild compiles cases that all fail in one go,
/// ten times as fast as those that pass.
const HEAD: &str = "#![allow(warnings)]\nconst _: () = panic!(\"mended\");\n";

#[test]
fn each_mend_compiles() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mends");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for what is mended");
    let tests = trybuild::TestCases::new();
    for case in cases() {
        let mends = case.mends();
        if mends.is_empty() {
            continue;
        }
        let source = case.source.split("// mend: ").next().unwrap_or_default().to_owned();
        let mended = mends.iter().fold(source, |source, (old, new)| {
            assert!(source.contains(old), "{}: there is no {old:?}", case.name);
            source.replacen(old, new, 1)
        });
        let path = folder.join(case.name.replace('/', "_")).with_extension("rs");
        fs::write(&path, format!("{HEAD}{mended}")).expect("the mended case is written");
        fs::write(path.with_extension("stderr"), expected(&path)).expect("its error is written");
        tests.compile_fail(path);
    }
}

/// A help that is new here is tried as well: the words of each, names and values aside, occur in a mended case.
#[test]
fn each_help_is_tried() {
    let mut helps: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for case in cases() {
        let is_mended = !case.mends().is_empty();
        for help in case.helps() {
            let (tried, name) = helps.entry(help).or_default();
            *tried |= is_mended;
            name.clone_from(&case.name);
        }
    }
    let untried: Vec<_> = helps
        .iter()
        .filter(|(_, (tried, _))| !tried)
        .map(|(help, (_, name))| format!("{name}: {help}"))
        .collect();
    assert!(untried.is_empty(), "end a case with `// mend: old => new`:\n{}", untried.join("\n"));
}

struct Case {
    /// Its path within `ui/fail`.
    name: String,
    source: String,
    stderr: String,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let mut cases: Vec<_> = files(&root)
        .into_iter()
        .flat_map(|folder| files(&folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Case {
            name: path
                .strip_prefix(&root)
                .expect("it is within")
                .with_extension("")
                .display()
                .to_string(),
            source: read(&path),
            stderr: read(&path.with_extension("stderr")),
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of the cases");
    entries.map(|entry| entry.expect("an entry of it").path()).collect()
}

impl Case {
    fn mends(&self) -> Vec<(String, String)> {
        let lines = self.source.lines().filter_map(|line| line.strip_prefix("// mend: "));
        lines
            .map(|mend| {
                let (old, new) = mend.split_once(" =>").expect("`old => new`");
                (old.replace('⏎', "\n"), new.trim_start().replace('⏎', "\n"))
            })
            .collect()
    }

    /// The helps of this library's own, without what stands in quotes.
    fn helps(&self) -> impl Iterator<Item = String> {
        let helps = self.stderr.lines().filter_map(|line| line.strip_prefix("       help: "));
        helps.map(|help| {
            let outside =
                |quote| move |text: String| -> String { text.split(quote).step_by(2).collect() };
            outside('"')(outside('`')(help.to_owned()))
        })
    }
}

/// What rustc says of the head.
fn expected(path: &Path) -> String {
    let path = path.display();
    format!(
        "error[E0080]: evaluation panicked: mended
 --> {path}:2:15
  |
2 | const _: () = panic!(\"mended\");
  |               ^^^^^^^^^^^^^^^^ evaluation of `_` failed here
"
    )
}
