use super::{Matches, Parameter, Pattern, Piece};

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn pieces(path: &str) -> Vec<Piece> {
    let (pattern, faults) = Pattern::parse(path);
    assert_eq!(faults, [], "{path}");
    pattern.pieces
}

/// The faults of a path: what they underline and the first line of what they say.
fn faults(path: &str) -> Vec<(String, String)> {
    let (_, faults) = Pattern::parse(path);
    let first_line = |message: &str| message.lines().next().unwrap_or_default().to_owned();
    faults
        .iter()
        .map(|fault| (path[fault.at.clone()].to_owned(), first_line(&fault.message)))
        .collect()
}

fn underlined(path: &str) -> Vec<String> {
    faults(path).into_iter().map(|(piece, _)| piece).collect()
}

#[test]
fn text_and_parameters_alternate() {
    let room = Parameter { name: "room".to_owned(), matches: Matches::Segment, at: 7..13 };
    assert_eq!(pieces("/"), [text("/")]);
    assert_eq!(pieces("/a/b"), [text("/a/b")]);
    assert_eq!(
        pieces("/rooms/{room}/feed"),
        [text("/rooms/"), Piece::Parameter(room), text("/feed")]
    );
}

#[test]
fn a_parameter_matches_a_segment_a_regex_or_the_rest() {
    let matches = |path| match pieces(path).pop() {
        Some(Piece::Parameter(parameter)) => parameter.matches,
        other => panic!("no parameter last: {other:?}"),
    };
    assert_eq!(matches("/{x}"), Matches::Segment);
    assert_eq!(matches("/{x:[^/]+}"), Matches::Segment);
    assert_eq!(matches("/{x:[0-9]{4}}"), Matches::Regex("[0-9]{4}".to_owned()));
    assert_eq!(matches("/{x:a:b}"), Matches::Regex("a:b".to_owned()));
    assert_eq!(matches("/{x}*"), Matches::Tail);
    assert_eq!(matches("/{x:.*}"), Matches::Tail);
}

#[test]
fn keywords_and_underscores_are_names() {
    for path in ["/{type}", "/{_x}", "/{a1}"] {
        assert_eq!(faults(path), [], "{path}");
    }
}

#[test]
fn each_fault_is_on_its_piece() {
    assert_eq!(underlined("rooms"), ["rooms"]);
    assert_eq!(underlined("/a/{room"), ["{room"]);
    assert_eq!(underlined("/a/room}/b"), ["}"]);
    assert_eq!(underlined("/a/{}/b"), ["{}"]);
    assert_eq!(underlined("/{1st}"), ["{1st}"]);
    assert_eq!(underlined("/{self}"), ["{self}"]);
    assert_eq!(underlined("/{a}/{b}/{a}"), ["{a}"]);
    assert_eq!(underlined("/a?b=c"), ["?"]);
    assert_eq!(underlined("/a#b"), ["#"]);
    assert_eq!(underlined("/a b\n"), [" ", "\n"]);
    assert_eq!(underlined("/{x:}"), ["{x:}"]);
    assert_eq!(underlined("/{x}*/more"), ["{x}*"]);
    assert_eq!(underlined("/{x:a}*"), ["{x:a}*"]);
    assert_eq!(underlined("/files/*"), ["*"]);
    assert_eq!(underlined("/rooms/:room/feed"), [":room"]);
}

#[test]
fn a_colon_inside_a_segment_is_text() {
    assert_eq!(pieces("/jobs/7:cancel"), [text("/jobs/7:cancel")]);
}

#[test]
fn a_regex_that_cannot_be_one_is_refused() {
    for path in ["/{x:(a}", "/{x:a)}", "/{x:[a}", "/{x:a\\}"] {
        assert_eq!(underlined(path), [path[1..].to_owned()], "{path}");
    }
    for path in ["/{x:(a|b)}", "/{x:[(]}", "/{x:\\(}", "/{x:[a\\]]}"] {
        assert_eq!(faults(path), [], "{path}");
    }
}

#[test]
fn several_faults_come_in_the_order_of_the_path() {
    assert_eq!(underlined("a/{}/b c/{x"), ["a/{}/b c/{x", "{}", " ", "{x"]);
}

#[test]
fn parameters_survive_a_fault_elsewhere() {
    let (pattern, faults) = Pattern::parse("/a b/{x}/{1}/{y}*");
    assert_eq!(faults.len(), 2);
    let names: Vec<_> = pattern.parameters().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["x", "1", "y"]);
}

#[test]
fn more_parameters_than_the_router_takes_are_refused() {
    let path = |count| (0..count).map(|at| format!("/{{p{at}}}")).collect::<String>();
    assert_eq!(faults(&path(16)), []);
    assert_eq!(underlined(&path(17)), ["{p16}"]);
}
