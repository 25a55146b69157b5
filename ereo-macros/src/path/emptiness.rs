//! Finds regexes that match no text at all, their assertions included.
//!
//! A search over its automaton: a state knows of the character before it what the assertions ask, and what
//! they have asked of the next one. Counts above two are read as "two and more", and the assertions for
//! `\r\n` as true: both only let more match, so that what is found to be empty is.

use std::collections::HashSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A step of the automaton.
enum Step {
    Characters(Vec<(char, char)>, usize),
    Look(Look, usize),
    Either(usize, usize),
    Nothing,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// There is none.
    Edge,
    Newline,
    Word,
    Other,
}

const KINDS: [Kind; 4] = [Kind::Edge, Kind::Newline, Kind::Word, Kind::Other];

pub(super) fn is_empty(regex: &Hir) -> bool {
    let mut steps = vec![Step::Done];
    let start = compile(regex, 0, &mut steps);
    // The kinds that the next character may be, one bit each.
    let mut open = vec![(start, Kind::Edge, 0b1111_u8)];
    let mut seen = HashSet::new();
    while let Some(state) = open.pop() {
        if !seen.insert(state) {
            continue;
        }
        let (at, before, allowed) = state;
        match &steps[at] {
            Step::Done if allows(allowed, Kind::Edge) => return false,
            Step::Done | Step::Nothing => {}
            Step::Either(one, other) => {
                open.extend([(*one, before, allowed), (*other, before, allowed)])
            }
            Step::Look(look, next) => {
                let allowed = KINDS
                    .into_iter()
                    .filter(|kind| allows(allowed, *kind) && holds(*look, before, *kind))
                    .fold(0, |bits, kind| bits | bit(kind));
                if allowed != 0 {
                    open.push((*next, before, allowed));
                }
            }
            Step::Characters(ranges, next) => {
                let kinds = [Kind::Newline, Kind::Word, Kind::Other].into_iter();
                let possible = kinds.filter(|kind| allows(allowed, *kind) && any(ranges, *kind));
                open.extend(possible.map(|kind| (*next, kind, 0b1111)));
            }
        }
    }
    true
}

fn bit(kind: Kind) -> u8 {
    1 << (kind as u8)
}

fn allows(allowed: u8, kind: Kind) -> bool {
    allowed & bit(kind) != 0
}

/// Adds the steps of `regex`, behind which `next` follows, and says where they begin.
fn compile(regex: &Hir, next: usize, steps: &mut Vec<Step>) -> usize {
    let step = match regex.kind() {
        HirKind::Empty => return next,
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            return text.chars().rev().fold(next, |next, found| {
                steps.push(Step::Characters(vec![(found, found)], next));
                steps.len() - 1
            });
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.iter().map(|range| (range.start(), range.end()));
            Step::Characters(ranges.collect(), next)
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.iter().map(|range| (range.start().into(), range.end().into()));
            Step::Characters(ranges.collect(), next)
        }
        HirKind::Look(look) => Step::Look(*look, next),
        HirKind::Capture(capture) => return compile(&capture.sub, next, steps),
        HirKind::Concat(parts) => {
            return parts.iter().rev().fold(next, |next, part| compile(part, next, steps));
        }
        HirKind::Alternation(parts) => {
            return parts
                .iter()
                .fold(None, |others, part| {
                    let begin = compile(part, next, steps);
                    Some(match others {
                        None => begin,
                        Some(others) => {
                            steps.push(Step::Either(begin, others));
                            steps.len() - 1
                        }
                    })
                })
                .unwrap_or(next);
        }
        HirKind::Repetition(repetition) => {
            if repetition.max == Some(0) {
                return next;
            }
            let fork = steps.len();
            steps.push(Step::Nothing);
            let again = repetition.max != Some(1);
            let more = compile(&repetition.sub, if again { fork } else { next }, steps);
            steps[fork] = Step::Either(more, next);
            return (0..repetition.min.min(2)).fold(
                if repetition.max == Some(repetition.min) && repetition.min <= 2 {
                    next
                } else {
                    fork
                },
                |next, _| compile(&repetition.sub, next, steps),
            );
        }
    };
    steps.push(step);
    steps.len() - 1
}

/// Whether the assertion holds between a character of the one kind and one of the other.
fn holds(look: Look, before: Kind, after: Kind) -> bool {
    let (was, is) = (before == Kind::Word, after == Kind::Word);
    match look {
        Look::Start => before == Kind::Edge,
        Look::End => after == Kind::Edge,
        Look::StartLF => matches!(before, Kind::Edge | Kind::Newline),
        Look::EndLF => matches!(after, Kind::Edge | Kind::Newline),
        Look::WordUnicode => was != is,
        Look::WordUnicodeNegate => was == is,
        Look::WordStartUnicode => !was && is,
        Look::WordEndUnicode => was && !is,
        Look::WordStartHalfUnicode => !was,
        Look::WordEndHalfUnicode => !is,
        // Of lines that end with `\r\n`, and of words of ASCII: letters beyond it would be another kind.
        _ => true,
    }
}

/// Whether a character of the kind is in one of the ranges.
fn any(ranges: &[(char, char)], wanted: Kind) -> bool {
    // All kinds are in a large range, and the small ones are looked at.
    ranges.iter().any(|(start, end)| {
        (*start..=*end).take(1 << 12).any(|found| kind(found) == wanted)
            || u32::from(*end) - u32::from(*start) >= 1 << 12
    })
}

fn kind(found: char) -> Kind {
    match found {
        '\n' => Kind::Newline,
        _ if regex_syntax::try_is_word_character(found).unwrap_or(true) => Kind::Word,
        _ => Kind::Other,
    }
}
