//! Tests of reading an agent's session file: both dialects, results at their calls, and anything else that a line may be.

use proptest::prelude::*;

use super::*;

/// The events of these lines as `kind: text` lines.
fn told(lines: &[&str]) -> Vec<String> {
    let mut trail = Trail::default();
    for piece in lines.iter().flat_map(|line| read(line)) {
        trail.take(piece);
    }
    trail.events().map(|event| say(&event.what)).collect()
}

fn say(what: &What) -> String {
    match what {
        What::Message { speaker, text, .. } => format!("{speaker:?}: {text}"),
        What::Plan(plan) => {
            let steps: Vec<String> = plan.steps.iter().map(|step| format!("{} {:?}", step.text, step.state)).collect();
            format!("plan ({}): {}", plan.explanation, steps.join(", "))
        }
        What::Call(call) => {
            let result = call.result.as_ref().map_or_else(
                || "running".to_owned(),
                |r| {
                    format!(
                        "exit {:?} ok {:?} {:?} {:?} +{} {:?}",
                        r.exit,
                        r.worked(),
                        r.took,
                        r.first,
                        r.left_out,
                        r.last
                    )
                },
            );
            format!("{:?}: {}{} = {result}", call.tool, call.text, call.files.join(" "))
        }
        What::Error(text) => format!("error: {text}"),
        What::Meta { cwd, version } => format!("meta: {cwd} {version}"),
        What::Mark(text) => format!("mark: {text}"),
        What::Unknown { kind, times } => format!("unknown: {kind} x{times}"),
        What::Broken(text) => format!("broken: {text}"),
    }
}

const NEW: &[&str] = &[
    r#"{"timestamp":"2026-01-02T10:00:00.000Z","type":"session_meta","payload":{"id":"s","cwd":"/src/harbor","cli_version":"0.46.0","git":{}}}"#,
    r#"{"timestamp":"2026-01-02T10:00:01.000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>x</environment_context>"}]}}"#,
    r#"{"timestamp":"2026-01-02T10:00:01.000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Bound the queue"}]}}"#,
    r#"{"timestamp":"2026-01-02T10:00:01.000Z","type":"event_msg","payload":{"type":"user_message","message":"Bound the queue","kind":"plain"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:02.000Z","type":"turn_context","payload":{"cwd":"/src/harbor"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:03.000Z","type":"event_msg","payload":{"type":"agent_reasoning","text":"Looking"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:03.000Z","type":"response_item","payload":{"type":"reasoning","summary":[{"type":"summary_text","text":"Looking"}],"encrypted_content":"AA"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:04.000Z","type":"response_item","payload":{"type":"function_call","name":"update_plan","arguments":"{\"explanation\":\"first\",\"plan\":[{\"step\":\"Read\",\"status\":\"completed\"},{\"step\":\"Write\",\"status\":\"in_progress\"},{\"step\":\"Test\",\"status\":\"pending\"}]}","call_id":"p1"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:04.000Z","type":"response_item","payload":{"type":"function_call_output","call_id":"p1","output":"Plan updated"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:05.000Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"bash\",\"-lc\",\"ls docs\"],\"workdir\":\"/src/harbor\"}","call_id":"c1"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:06.000Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"{\"output\":\"a\\nb\\n\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.5}}"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:07.000Z","type":"response_item","payload":{"type":"custom_tool_call","status":"completed","call_id":"c2","name":"apply_patch","input":"*** Begin Patch\n*** Update File: src/a.rs\n@@\n+*** Add File: no\n*** Add File: docs/b.md\n+x\n*** End Patch"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:08.000Z","type":"event_msg","payload":{"type":"patch_apply_end","call_id":"c2","stdout":"Success.\n","stderr":"","success":true,"changes":{"src/a.rs":{"type":"update"}}}}"#,
    r#"{"timestamp":"2026-01-02T10:00:09.000Z","type":"event_msg","payload":{"type":"token_count","info":null}}"#,
    r#"{"timestamp":"2026-01-02T10:00:09.000Z","type":"event_msg","payload":{"type":"moon_phase","x":1}}"#,
    r#"{"timestamp":"2026-01-02T10:00:09.000Z","type":"moon_phase","payload":{}}"#,
    r#"{"timestamp":"2026-01-02T10:00:10.000Z","type":"event_msg","payload":{"type":"error","message":"stream broke"}}"#,
    r#"{"timestamp":"2026-01-02T10:00:11.000Z","type":"event_msg","payload":{"type":"agent_message","message":"Done."}}"#,
    r#"{"timestamp":"2026-01-02T10:00:11.000Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done."}]}}"#,
    r#"{"timestamp":"2026-01-02T10:00:12.000Z","type":"event_msg","payload":{"type":"task_complete","last_agent_message":"Done."}}"#,
];

#[test]
fn the_dialect_with_an_envelope() {
    assert_eq!(
        told(NEW),
        [
            "meta: /src/harbor 0.46.0",
            "Context: <environment_context>x</environment_context>",
            "Operator: Bound the queue",
            "Reasoning: Looking",
            "plan (first): Read Completed, Write InProgress, Test Pending",
            "Command: ls docs = exit Some(0) ok Some(true) Some(500ms) [\"a\", \"b\"] +0 []",
            "Patch: src/a.rs docs/b.md = exit None ok Some(true) None [\"Success.\"] +0 []",
            "unknown: moon_phase x2",
            "error: stream broke",
            "Agent: Done.",
            "mark: the turn ended",
        ]
    );
}

#[test]
fn the_dialect_of_bare_items() {
    let lines = [
        r#"{"id":"s","timestamp":"2025-08-18T01:16:13.522Z","instructions":null,"git":{"branch":"main"}}"#,
        r#"{"record_type":"state"}"#,
        r#"{"type":"message","id":null,"role":"user","content":[{"type":"input_text","text":"hello"}]}"#,
        r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}]}"#,
        r#"{"type":"local_shell_call","call_id":"c1","status":"completed","action":{"type":"exec","command":["rg","a b"]}}"#,
        r#"{"type":"local_shell_call_output","call_id":"c1","output":"Exit code: 1\nWall time: 2 seconds\nOutput:\nnothing\n"}"#,
        r#"{"type":"function_call","name":"view_image","arguments":"{\"path\":\"x.png\"}","call_id":"c2"}"#,
        r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"bye"}]}"#,
    ];
    assert_eq!(
        told(&lines),
        [
            "meta:  ",
            "Operator: hello",
            "Reasoning: one",
            "Reasoning: two",
            "Command: rg 'a b' = exit Some(1) ok Some(false) Some(2s) [\"nothing\"] +0 []",
            "Other: view_image {\"path\":\"x.png\"} = running",
            "Agent: bye",
        ]
    );
}

#[test]
fn the_end_of_a_command_comes_in_two_forms_and_counts_once() {
    let call = r#"{"type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"harborctl test\"}","call_id":"c"}}"#;
    let begin = r#"{"type":"event_msg","payload":{"type":"exec_command_begin","call_id":"c","command":["bash","-lc","harborctl test"]}}"#;
    let end = r#"{"type":"event_msg","payload":{"type":"exec_command_end","call_id":"c","command":["bash","-lc","harborctl test"],"aggregated_output":"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n","exit_code":2,"duration":{"secs":1,"nanos":500000000}}}"#;
    let output = r#"{"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"Wall time: 1.6 seconds\nProcess exited with code 2\nOutput:\nmore"}}"#;
    let want = "Command: harborctl test = exit Some(2) ok Some(false) Some(1.5s) [\"1\", \"2\", \"3\"] +2 [\"6\", \"7\", \"8\", \"9\", \"10\"]";
    assert_eq!(told(&[call, begin, end, output]), [want]);
    assert_eq!(told(&[end]), [want], "the call was not seen");
    assert!(told(&[output]).is_empty());
}

#[test]
fn what_is_said_twice_in_one_form_was_said_twice() {
    let shown = r#"{"type":"event_msg","payload":{"type":"user_message","message":"go on"}}"#;
    let item = r#"{"type":"response_item","payload":{"type":"message","role":"user","content":"go on"}}"#;
    assert_eq!(told(&[item, shown, item, shown]).len(), 2);
    assert_eq!(told(&[shown, shown]).len(), 2);
}

#[test]
fn lines_that_are_no_event_are_kept_as_they_are() {
    assert_eq!(told(&["not json", "[1,2]", "", "  ", "12"]), ["broken: not json", "broken: [1,2]", "broken: 12"]);
    assert_eq!(told(&["{garbage", r#"{"type":7}"#]), ["broken: {garbage", r#"broken: {"type":7}"#]);
    let cut = r#"{"timestamp":"2026-01-02T10:00:00Z","type":"event_msg","payload":{"type":"agent_message","message":"so far, so g"#;
    assert_eq!(told(&[cut]), ["Agent: so far, so g"]);
    let deep = format!("{{\"type\":\"message\",\"content\":{}", "[".repeat(200_000));
    assert!(told(&[&deep])[0].starts_with("broken: "));
}

#[test]
fn long_texts_are_cut_and_events_are_bounded() {
    let long = format!(r#"{{"type":"message","role":"assistant","content":"{}"}}"#, "ä".repeat(LONGEST));
    assert!(told(&[&long])[0].ends_with("… 16384 more bytes"));
    let mut trail = Trail::default();
    for number in 0..MOST + 3 {
        let line = format!(r#"{{"type":"message","role":"assistant","content":"{number}"}}"#);
        for piece in read(&line) {
            trail.take(piece);
        }
    }
    assert_eq!((trail.events().len(), trail.dropped()), (MOST, 3));
}

proptest! {
    #[test]
    fn no_line_is_too_bad(line in ".{0,200}", cut in 0usize..400, at in 0usize..NEW.len()) {
        let whole = NEW[at];
        let mut cut = cut.min(whole.len());
        while !whole.is_char_boundary(cut) {
            cut -= 1;
        }
        let mixed = format!("{}{line}", &whole[..cut]);
        told(&[&line, &whole[..cut], &mixed]);
    }
}
