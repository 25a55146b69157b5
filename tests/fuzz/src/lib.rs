//! Properties of everything that reads a client's bytes. Each target is a function of any bytes that
//! panics when a property is broken: libFuzzer calls it from `fuzz/fuzz_targets`, and on stable the
//! binary of this crate does, over `fuzz/corpus` and mutations of it (`tests/run --fuzz`).

mod input;
pub mod mutate;
mod targets;

pub use targets::{TARGETS, Target};

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs a target, as libFuzzer does.
///
/// # Panics
/// When a property does not hold for the input, or no target has this name.
pub fn run(name: &str, input: &[u8]) {
    let target = target(name).expect("a target's name");
    (target.run)(input);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Names of what is in a folder of `fuzz/`, without their extension.
    fn names(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(folder);
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_target_has_a_corpus_and_is_one_of_cargo_fuzz() {
        let targets: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
        assert_eq!(names("corpus"), targets);
        assert_eq!(names("fuzz_targets"), targets);
        let manifest = include_str!("../../../fuzz/Cargo.toml");
        for target in &targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            let path = format!("../../fuzz/fuzz_targets/{target}.rs");
            let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
            assert!(source.unwrap().contains(&format!("\"{target}\"")), "{target}");
        }
    }

    #[test]
    fn every_property_holds_for_its_corpus() {
        for target in TARGETS {
            let folder =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target.name);
            for file in fs::read_dir(folder).unwrap() {
                let file = file.unwrap().path();
                println!("{}", file.display());
                (target.run)(&fs::read(file).unwrap());
            }
        }
    }
}
