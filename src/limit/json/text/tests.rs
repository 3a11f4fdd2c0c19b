//! Compares the reader with that of `serde_json`.

use proptest::prelude::*;
use serde_json::Value as Other;

use super::*;

/// The value as the other reader has it. The last member of a name counts there.
fn converted(value: &Value<'_>) -> Other {
    match value {
        Value::Null => Other::Null,
        Value::Bool(value) => Other::Bool(*value),
        Value::Number(number) => serde_json::from_str(number).unwrap(),
        Value::Text(text) => Other::from(&**text),
        Value::List(values) => values.iter().map(converted).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.to_string(), converted(value))).collect()
        }
    }
}

/// Checks that both readers accept the same texts, and read the same values.
fn compare(text: &str) {
    // The other reader does not skip the mark.
    let text = text.trim_start_matches('\u{feff}');
    match (parse(text), serde_json::from_str::<Other>(text)) {
        (Ok(value), Ok(other)) => assert_eq!(converted(&value), other, "{text}"),
        (Err(_), Err(_)) => {}
        // The other reader needs a number that fits its type.
        (Ok(_), Err(error)) if error.to_string().starts_with("number out of range") => {}
        (ours, theirs) => panic!("{text:?}: {ours:?}, but {theirs:?}"),
    }
}

#[test]
fn the_grammar_is_that_of_json() {
    for text in [
        "",
        " ",
        "null",
        "nul",
        "nullx",
        "True",
        "true ",
        "[]",
        "[ ]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "]",
        "{}",
        "{ }",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{",
        "}",
        "0",
        "-0",
        "00",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1.5",
        "1e",
        "1e5",
        "1E+05",
        "1e-5",
        "1.5e3",
        "0x10",
        "Infinity",
        "NaN",
        "1_000",
        "\"",
        "\"\\",
        "\"\\x\"",
        "'a'",
        "\"\n\"",
        "\"\t\"",
        "\"\u{7f}\"",
        "\"\\n\\t\\r\\b\\f\\/\\\\\\\"\"",
        "\"\\u0000\"",
        "\"\\u00e9\"",
        "\"\\u00E9\"",
        "\"\\u00g0\"",
        "\"\\u+123\"",
        "\"\\u12\"",
        "\"\\u12",
        "\"\\u12é\"",
        "\"\\ud83d\\ude80\"",
        "\"\\ud83d\"",
        "\"\\ude80\"",
        "\"\\ud83d\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\\uD800\\uDC00\"",
        "\"\\é\"",
        "\u{a0}1",
        "1\u{2028}",
        "1//",
        "/**/1",
        "\"é🚀\"",
        "\u{b}1",
    ] {
        compare(text);
    }
}

#[test]
fn the_mark_at_the_beginning_of_a_file_is_skipped() {
    assert_eq!(parse("\u{feff}1"), Ok(Value::Number("1")));
    assert!(parse("\u{feff}\u{feff}1").is_err());
    assert!(parse("1\u{feff}").is_err());
}

#[test]
fn a_text_without_escapes_is_borrowed() {
    assert!(matches!(parse("\"later: später\""), Ok(Value::Text(Cow::Borrowed("later: später")))));
    assert!(matches!(parse("\"sp\\u00e4ter\""), Ok(Value::Text(Cow::Owned(text))) if text == "später"));
}

#[test]
fn values_nest_32_deep() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse(&nested(32)).is_ok());
    assert!(parse(&nested(33)).is_err());
    assert!(parse(&format!("[{}]", vec![nested(31); 50].join(","))).is_ok());
}

#[test]
fn an_error_says_where_it_is() {
    let place = |text: &str| parse(text).unwrap_err();
    assert_eq!(place("[1,\n \"é\" 2]"), "not JSON at line 2, column 6: expected `,` or `]`");
    assert_eq!(place("[\r\n\r\n"), "not JSON at line 3, column 1: expected a value");
    assert_eq!(place("\"\\u12é\""), "not JSON at line 1, column 4: expected four hexadecimal digits");
}

#[test]
fn what_is_quoted_is_read_again() {
    proptest!(|(text: String)| {
        let mut quoted = String::new();
        quote(&text, &mut quoted);
        let read = parse(&quoted).map(|value| converted(&value));
        prop_assert_eq!(read.as_ref(), Ok(&Other::from(&*text)));
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
    });
}

#[test]
fn both_readers_accept_the_same_random_texts() {
    let piece = prop_oneof![
        "[\\[\\]{}:,]",
        "[ \n\r\t]",
        "-?[0-9]{1,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,1})?",
        prop_oneof![Just("true"), Just("false"), Just("null"), Just("\""), Just("\\"), Just("\"a\":")]
            .prop_map(str::to_owned),
        "\"([a-zé🚀]|\\\\[nu\"x/]|\\\\u(d83d|de80|00e9|[0-9a-fA-F]{0,4})){0,4}\"",
        any::<char>().prop_map(String::from),
    ];
    let text = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    proptest!(ProptestConfig::with_cases(4_000), |(text in text)| compare(&text));
}

#[test]
fn both_readers_read_the_same_random_values() {
    let leaf = prop_oneof![
        Just(Other::Null),
        any::<bool>().prop_map(Other::from),
        any::<i64>().prop_map(Other::from),
        any::<String>().prop_map(Other::from),
    ];
    let value = leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Other::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| members.into_iter().collect::<Other>()),
        ]
    });
    proptest!(|(value in value)| {
        compare(&value.to_string());
        compare(&serde_json::to_string_pretty(&value).unwrap());
    });
}
