//! What a document can hold at most.

use std::time::{Duration, Instant};

use tiny_counter::{Error, Limit, LimitSet};

const RULE: &str = r#"{"cooldown":"P1D","of":"x"}"#;

fn rules(count: usize) -> String {
    format!(r#"{{"version":1,"all":[{}]}}"#, vec![RULE; count].join(","))
}

fn limits(count: usize) -> String {
    let limits: Vec<String> = (0..count).map(|n| format!(r#""{n}":{{"all":[]}}"#)).collect();
    format!(r#"{{"version":1,"limits":{{{}}}}}"#, limits.join(","))
}

fn fault(error: Error) -> String {
    assert!(matches!(error, Error::InvalidRules { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn a_limit_has_at_most_64_rules_and_groups_count_for_none() {
    assert_eq!(Limit::from_json(&rules(64)).unwrap().constraints().len(), 64);
    assert_eq!(
        fault(Limit::from_json(&rules(65)).unwrap_err()),
        "/all/64: expected at most 64 rules in a limit"
    );
    let grouped = |last: usize| {
        let group = format!(r#"{{"any":[{}]}}"#, vec![RULE; 32].join(","));
        let all = format!(r#"{{"all":[{},{{"none":[{}]}}]}}"#, group, vec![RULE; last].join(","));
        Limit::from_json(&format!(r#"{{"version":1,"all":[{all}]}}"#))
    };
    grouped(32).unwrap();
    let error = fault(grouped(33).unwrap_err());
    assert_eq!(error, "/all/0/all/1/none/32: expected at most 64 rules in a limit");
}

#[test]
fn a_set_has_at_most_1024_limits() {
    assert_eq!(LimitSet::from_json(&limits(1_024)).unwrap().len(), 1_024);
    assert_eq!(
        fault(LimitSet::from_json(&limits(1_025)).unwrap_err()),
        "/limits: expected at most 1,024 members"
    );
    let set: LimitSet = (0..1_025).map(|n| (n.to_string(), Limit::new())).collect();
    assert_eq!(fault(set.to_json().unwrap_err()), "/limits: a set may have at most 1,024 limits");
}

#[test]
fn each_limit_of_a_set_has_64_rules_of_its_own() {
    let limit = rules(64).replace(r#""version":1,"#, "");
    let set =
        LimitSet::from_json(&format!(r#"{{"version":1,"limits":{{"a":{limit},"b":{limit}}}}}"#)).unwrap();
    assert!(set.iter().all(|(_, limit)| limit.constraints().len() == 64));
}

#[test]
fn a_document_has_at_most_1_mib() {
    let fill = |bytes: usize| format!("{}{}", " ".repeat(bytes - rules(1).len()), rules(1));
    Limit::from_json(&fill(1 << 20)).unwrap();
    for error in [
        Limit::from_json(&fill((1 << 20) + 1)).unwrap_err(),
        LimitSet::from_json(&fill((1 << 20) + 1)).unwrap_err(),
    ] {
        assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
        let text = "a rule document has 1048577 bytes, and may have at most 1 MiB; divide it";
        assert_eq!(error.to_string(), text);
    }
    let long =
        (0..64).fold(Limit::new(), |limit, _| limit.cooldown("x".repeat(1_024), chrono::Duration::days(1)));
    let set: LimitSet = (0..20).map(|n| (n.to_string(), long.clone())).collect();
    assert!(matches!(set.to_json().unwrap_err(), Error::TooLarge { .. }));
}

#[test]
fn names_have_at_most_1024_bytes() {
    let named = |name: &str| {
        let rule = format!(r#"{{"at_most":1,"of":"{name}","within":"P1D"}}"#);
        let limit = format!(r#""all":[{rule}],"also_record":["{name}"]"#);
        LimitSet::from_json(&format!(r#"{{"version":1,"limits":{{"{name}":{{{limit}}}}}}}"#))
    };
    named(&"ü".repeat(512)).unwrap();
    let long = "ü".repeat(513);
    let text = |error: Error| fault(error).replace(&long, "NAME");
    let expected = "expected at most 1,024 bytes of UTF-8, found 1026";
    assert_eq!(text(named(&long).unwrap_err()), format!("/limits/NAME: {expected}"));
    let of = format!(r#"{{"version":1,"all":[{{"cooldown":"P1D","of":"{long}"}}]}}"#);
    assert_eq!(text(Limit::from_json(&of).unwrap_err()), format!("/all/0/of: {expected}"));
    let also = format!(r#"{{"version":1,"all":[],"also_record":["{long}"]}}"#);
    assert_eq!(text(Limit::from_json(&also).unwrap_err()), format!("/also_record/0: {expected}"));
}

#[test]
fn what_an_error_quotes_is_short_and_has_no_line_breaks() {
    let with = |value: &str| {
        fault(
            Limit::from_json(&format!(r#"{{"version":1,"all":[{{"cooldown":{value},"of":"x"}}]}}"#))
                .unwrap_err(),
        )
    };
    let long = with(&format!("\"{}\"", "é".repeat(5_000)));
    assert!(long.ends_with(&format!("found \"{}...\"", "é".repeat(40))), "{long}");
    assert!(with(&"1".repeat(5_000)).ends_with(&format!("found {}...", "1".repeat(40))));
    assert!(with(r#""a\nb\u0000""#).ends_with(r#"found "a\nb\u0000""#));
}

#[test]
fn hostile_documents_of_1_mib_are_refused_in_little_time() {
    let repeat = |piece: &str| piece.repeat((1 << 20) / piece.len());
    let many = |separator: &str, item: fn(usize) -> String| {
        (0..60_000).map(item).collect::<Vec<_>>().join(separator)
    };
    let documents = [
        repeat("["),
        repeat("{\"\":"),
        format!("[{}", repeat("[],")),
        format!("\"{}", "\\u00e9".repeat(170_000)),
        repeat("9"),
        repeat(" "),
        repeat("\n"),
        format!("{{{}}}", many(",", |n| format!("\"{n}\":0"))),
        format!("{{\"version\":1,\"limits\":{{{}}}}}", many(",", |n| format!("\"{}\":0", n % 59_999))),
        format!("{{\"version\":1,\"all\":[{}]}}", many(",", |_| "{}".to_owned())),
        format!("{{\"version\":{}}}", "1".repeat(1_000_000)),
    ];
    for document in &documents {
        assert!(document.len() <= 1 << 20);
        let begin = Instant::now();
        let start = document.chars().take(20).collect::<String>();
        assert!(Limit::from_json(document).is_err(), "{start}");
        assert!(LimitSet::from_json(document).is_err(), "{start}");
        // Far more than it takes, so that a busy machine does not fail this, and far less than
        // quadratic time.
        assert!(begin.elapsed() < Duration::from_secs(5), "{start} takes {:?}", begin.elapsed());
    }
    let text = fault(Limit::from_json(&documents[2]).unwrap_err());
    assert!(text.ends_with("the text has more than 131,072 values"), "{text}");
}
