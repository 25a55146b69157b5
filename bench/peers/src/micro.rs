//! The micro-benchmarks' output, a screenful a benchmark, as a table of a line each.

/// Reads what divan prints.
pub fn table(divan: &str) -> String {
    let mut rows = Vec::<Row<'_>>::new();
    let mut path: Vec<&str> = Vec::new();
    let mut counting = false;
    for line in divan.lines() {
        let Some(median) = line.rsplit('│').nth(3).map(str::trim) else { continue };
        if let Some((before, after)) = line.split_once("─ ") {
            // Three columns a level.
            path.truncate(before.chars().count() / 3);
            path.push(after.split_whitespace().next().unwrap_or_default());
            counting = false;
            if !median.is_empty() {
                rows.push(Row { name: path.join(" "), median, allocations: 0 });
            }
        } else if line.contains("alloc:") || line.contains("grow:") || line.contains("shrink:") {
            // What lives at most at a time is not asked.
            counting = !line.contains("max alloc:")
                && !line.contains("dealloc:")
                && !line.contains("shrink:");
        } else if counting {
            // The line after tells how many, the next one how many bytes.
            counting = false;
            if let (Some(row), Ok(count)) = (rows.last_mut(), median.parse::<f64>()) {
                row.allocations += count as u64;
            }
        }
    }
    let rows = rows.iter().map(Row::line).collect::<String>();
    format!("| | median | allocations |\n|---|---|---|\n{rows}")
}

struct Row<'a> {
    name: String,
    median: &'a str,
    allocations: u64,
}

impl Row<'_> {
    fn line(&self) -> String {
        format!("| {} | {} | {} |\n", self.name, self.median, self.allocations)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_benchmark_is_a_line() {
        let divan = "\
micro                   fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ log                                │               │               │               │         │
│  ├─ ereo                            │               │               │               │         │
│  │  ├─ 100            6.437 µs      │ 23.16 µs      │ 6.513 µs      │ 6.723 µs      │ 100     │ 100
│  │  │                 15.53 Mitem/s │ 4.316 Mitem/s │ 15.35 Mitem/s │ 14.87 Mitem/s │         │
│  │  │                 max alloc:    │               │               │               │         │
│  │  │                   4           │ 6             │ 4             │ 4.02          │         │
│  │  │                   536 B       │ 2.712 KB      │ 536 B         │ 597.4 B       │         │
│  │  │                 alloc:        │               │               │               │         │
│  │  │                   6           │ 7             │ 6             │ 6.01          │         │
│  │  │                   748 B       │ 876 B         │ 748 B         │ 749.2 B       │         │
│  │  │                 dealloc:      │               │               │               │         │
│  │  │                   2           │ 1             │ 2             │ 1.99          │         │
│  │  │                 grow:         │               │               │               │         │
│  │  │                   5           │ 5             │ 5             │ 5.05          │         │
╰─ sse                                │               │               │               │         │
   ╰─ axum             30 ns          │ 30 ns         │ 31 ns         │ 30 ns         │ 100     │ 100
";
        let table = "| | median | allocations |\n|---|---|---|\n| log ereo 100 | 6.513 µs | 11 |\n| sse axum | 31 ns | 0 |\n";
        assert_eq!(super::table(divan), table);
    }
}
