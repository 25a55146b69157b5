//! What holds for every message of `ui/fail`: one mistake, one error, on its own tokens, in the words of this
//! crate. The files are what rustc said; `ui.rs` checks that it still says so.

use std::path::{Path, PathBuf};

/// Cases of several mistakes, with how many errors they have.
const SEVERAL: [(&str, usize); 27] = [
    ("loader/live_has_another_message_and_other_parameters", 2),
    ("loader/returns_data_and_error_that_do_not_fit", 2),
    ("loader/types_are_checked_beside_other_mistakes", 3),
    ("loader/changes_with_a_value", 2),
    ("message/keys_of_a_map_are_no_texts", 2),
    ("message/serde_flatten_of_a_list", 2),
    ("message/serde_tag_beside_what_is_no_map", 4),
    ("sse/method_that_is_none", 3),
    ("sse/only_one_message_where_the_route_is_used", 2),
    ("sse/path_regex_in_no_raw_string", 2),
    ("sse/returns_stream_with_a_lifetime", 2),
    ("sse/several_mistakes_at_once", 11),
    ("sse/several_mistakes_of_one_signature", 10),
    ("sse/types_are_checked_beside_other_mistakes", 4),
    ("sse/types_of_a_result_are_checked_beside_other_mistakes", 3),
    ("sse/unsafe_extern_function", 2),
    ("websocket/impl_empty", 2),
    ("websocket/impl_with_several_mistakes", 7),
    ("websocket/mistake_is_told_once_where_the_route_is_used", 2),
    ("websocket/origins_has_several_mistakes", 2),
    ("websocket/origins_has_two_constants", 2),
    ("websocket/protocols_has_no_token", 2),
    ("websocket/seat_dropped", 2),
    ("websocket/types_are_checked_beside_other_mistakes", 3),
    ("websocket/types_of_hooks_are_checked_beside_other_mistakes", 4),
    // rustc says each of the two that `next` cannot read three times, for what it returns has it as well.
    ("test/mistakes", 9),
    // rustc's own: of the body, and of the type that is returned.
    ("sse/returns_a_subscription_as_a_stream", 2),
];

/// Where rustc underlines all of an attribute, and rightly so.
const WHOLE_ATTRIBUTE: [&str; 5] = [
    // rustc's own: such an attribute reaches no macro.
    "message/of_a_function",
    "sse/path_behind_an_equal_sign",
    // In a note behind the error, which stands on the argument: the attribute wrote the function.
    "routes/path_with_a_value_that_is_no_text",
    // Without an argument there is no smaller token.
    "sse/attribute_without_arguments",
    "sse/path_missing",
];

/// Every case: its name, such as `sse/not_async`, and the messages.
fn cases() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries =
            std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let files = entries(&root).into_iter().flat_map(|kind| entries(&kind));
    let messages = files.filter(|file| file.extension().is_some_and(|it| it == "stderr"));
    messages
        .map(|file| {
            let name = file.strip_prefix(&root).unwrap().with_extension("");
            (name.to_str().unwrap().to_owned(), std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

/// The underlined source line above a line of carets, if the carets span all of an attribute.
fn underlines_an_attribute(messages: &str) -> bool {
    let lines: Vec<_> = messages.lines().collect();
    lines.windows(2).any(|pair| {
        let source = pair[0].split_once("| ").map_or("", |(_, source)| source.trim());
        let carets = pair[1].matches('^').count();
        source.starts_with("#[") && carets >= source.len()
    })
}

#[test]
fn there_are_at_least_a_hundred_mistakes() {
    assert!(cases().len() >= 100, "{}", cases().len());
}

#[test]
fn each_mistake_is_one_error() {
    for (name, messages) in cases() {
        let errors = messages.lines().filter(|line| line.starts_with("error")).count();
        let several = SEVERAL.iter().find(|(case, _)| *case == name);
        assert_eq!(errors, several.map_or(1, |(_, errors)| *errors), "{name}");
    }
}

#[test]
fn no_error_underlines_the_whole_attribute() {
    for (name, messages) in cases() {
        let whole = underlines_an_attribute(&messages);
        assert_eq!(whole, WHOLE_ATTRIBUTE.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn no_message_or_label_names_the_hidden_module() {
    for (name, messages) in cases() {
        let told = messages.lines().filter(|line| {
            line.starts_with("error")
                || line.trim_start().trim_start_matches(['|', ' ']).starts_with('^')
        });
        told.for_each(|line| assert!(!line.contains("__private"), "{name}: {line}"));
    }
}
