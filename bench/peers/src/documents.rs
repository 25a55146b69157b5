//! Where the results are written: between two markers of a Markdown file.

use std::fs;
use std::ops::Range;
use std::path::Path;

/// Replaces what stands between `<!-- bench: NAME -->` and `<!-- end -->`.
///
/// # Errors
/// When the file cannot be read or written, or has no such markers.
pub fn write(path: &Path, name: &str, content: &str) -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let old = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let new =
        replaced(&old, name, content).ok_or_else(|| wrong(&format!("no place for {name}")))?;
    fs::write(path, new).map_err(|error| wrong(&error))
}

/// Replaces one section of what stands there, from its heading to the next, or adds it at the end.
///
/// # Errors
/// As [`write`].
pub fn write_section(path: &Path, name: &str, title: &str, content: &str) -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let old = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let found = place(&old, name).ok_or_else(|| wrong(&format!("no place for {name}")))?;
    write(path, name, &with_section(&old[found], title, content))
}

fn with_section(old: &str, title: &str, content: &str) -> String {
    let heading = format!("### {title}\n");
    let start = old.find(&heading).unwrap_or(old.len());
    let end = old[start..].find("\n### ").map_or(old.len(), |at| start + at + 1);
    let (before, after) = (old[..start].trim_end(), old[end..].trim());
    format!("{before}\n\n{heading}\n{}\n\n{after}", content.trim())
}

fn replaced(old: &str, name: &str, content: &str) -> Option<String> {
    let place = place(old, name)?;
    Some(format!("{}\n{}\n{}", &old[..place.start], content.trim(), &old[place.end..]))
}

/// What stands between the markers.
fn place(text: &str, name: &str) -> Option<Range<usize>> {
    let begin = format!("<!-- bench: {name} -->\n");
    let start = text.find(&begin)? + begin.len();
    Some(start..start + text[start..].find("<!-- end -->")?)
}

#[cfg(test)]
mod tests {
    use super::{replaced, with_section};

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let old =
            "before\n<!-- bench: a -->\nold\n<!-- end -->\n<!-- bench: b -->\n<!-- end -->\nafter";
        let new = replaced(old, "a", "new\n").unwrap();
        assert_eq!(
            new,
            "before\n<!-- bench: a -->\n\nnew\n<!-- end -->\n<!-- bench: b -->\n<!-- end -->\nafter"
        );
        assert_eq!(replaced(&new, "a", "new\n").unwrap(), new);
        assert_eq!(replaced(old, "c", "new"), None);
    }

    #[test]
    fn only_the_section_changes_or_comes_last() {
        let old = "machine\n\n### a\n\n1\n\n### b\n\n2\n";
        assert_eq!(with_section(old, "a", "3"), "machine\n\n### a\n\n3\n\n### b\n\n2");
        assert_eq!(with_section(old, "c", "3").trim(), format!("{}\n\n### c\n\n3", old.trim()));
    }
}
