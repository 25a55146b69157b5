//! Where the results are written: between two markers of a Markdown file.

use std::fs;
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

fn replaced(old: &str, name: &str, content: &str) -> Option<String> {
    let begin = format!("<!-- bench: {name} -->\n");
    let start = old.find(&begin)? + begin.len();
    let end = start + old[start..].find("<!-- end -->")?;
    Some(format!("{}\n{}\n{}", &old[..start], content.trim(), &old[end..]))
}

#[cfg(test)]
mod tests {
    use super::replaced;

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
}
