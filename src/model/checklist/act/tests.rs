//! Tests of what steps ask for, worded as the lists of operators are.

use super::*;
use crate::doc::Document;
use crate::model::checklist::Ledger;

const RUNBOOK: &str = "# Runbook\n\n| Task | Commands | Notes |\n|--|--|--|\n\
    | Tests | `harborctl test` | |\n\
    | Sweep, dry | `harborctl sweep --dry-run` | |\n\
    | Warm pass | `pwsh Tools/Invoke-WarmPass.ps1 -Day <date>` | |\n\
    | Put flags back | `pwsh Tools/Reset-Flags.ps1 -Reason <why>` | |\n\
    | Queue delay rollup | `harborctl metrics --day <date>` | |\n";
const SMOKE: &str = "# UI Smoke Checklist\n\n| Step | What | Expected |\n|--|--|--|\n\
    | Summary page | Open it; run `harborctl test` | Sums agree with the board |\n| Help | Press F1 | A page |\n";

fn document(path: &str, text: &str) -> Document {
    Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
}

fn list(path: &str, text: &str) -> Checklist {
    Checklist::project(&document(path, text), &Ledger::default(), None)
}

fn smoke() -> Checklist {
    list("docs/UI_Smoke_Checklist.md", SMOKE)
}

/// What each step of a list asks for, in short words.
fn asked(list: &Checklist) -> Vec<String> {
    let book = document("docs/CODEX_RUNBOOK.md", RUNBOOK);
    let runbook = Runbook::project([&book]);
    let lists = [smoke()];
    let ground = Ground { runbook: &runbook, lists: &lists };
    let word = |action: StepAction| match action {
        StepAction::RunCommand(numbers) => {
            let tasks: Vec<&str> = numbers.iter().map(|number| runbook.commands[number - 1].task.as_str()).collect();
            format!("run {}", tasks.join("+")).trim_end().to_owned()
        }
        StepAction::EditRows(rows) => format!("{rows:?}").to_lowercase(),
        StepAction::WalkList(doc) => format!("walk {}", doc.stem()),
        StepAction::OpenDocument(path) => path.rsplit('/').next().unwrap_or(&path).to_owned(),
        other => format!("{other:?}"),
    };
    list.steps().map(|step| actions(step, ground).into_iter().map(word).collect::<Vec<_>>().join(", ")).collect()
}

fn check(steps: &[(&str, &str)]) {
    let text: String = steps.iter().map(|(step, _)| format!("- [ ] {step}\n")).collect();
    let found = asked(&list("docs/List.md", &format!("# List\n\n## Steps\n{text}")));
    for ((step, want), found) in steps.iter().zip(&found) {
        assert_eq!(found, want, "{step}");
    }
    assert_eq!(found.len(), steps.len());
}

#[test]
fn before_the_work() {
    check(&[
        ("Skim `docs/START.md` or `docs/GUIDE.md` for the flow.", "START.md"),
        (
            "Identify a task in `docs/taskboard/TaskBoard.csv` (its Plan is in `docs/plans/PlanIndex.md`).",
            "PickTask, TaskBoard.csv",
        ),
        ("Pick one item from `docs/taskboard/TaskBoard.csv`.", "PickTask, TaskBoard.csv"),
        ("Confirm the same task exists in `docs/CODEX_BACKLOG.md`.", "backlog, CODEX_BACKLOG.md"),
        ("Draft/update your session log from `docs/agents/Template.md`.", "StartSession, Template.md"),
        ("Record a multi-step plan via `update_plan`, citing plan file and telemetry gates.", "EditPlan"),
        ("Three to six plan bullets in the log; they name plan page and gates.", "EditPlan"),
        ("Review the Plan’s “Recent timeline” section and linked notes.", "OpenTimeline"),
        ("Working copy is clean.", ""),
    ]);
}

#[test]
fn at_work() {
    check(&[
        ("Enumerate target files with `rg`/`Select-String`.", ""),
        ("Apply code/doc changes, keeping guardrails.", ""),
        (
            "Run required commands from `docs/CODEX_RUNBOOK.md` (sweep, warm pass, moon, etc.).",
            "run Sweep, dry+Warm pass, CODEX_RUNBOOK.md",
        ),
        (
            "Commands taken from `docs/CODEX_RUNBOOK.md`, with their flags noted in the log.",
            "run, Record, CODEX_RUNBOOK.md",
        ),
        (
            "For UI work, complete every row in `docs/UI_Smoke_Checklist.md`.",
            "walk UI_Smoke_Checklist, UI_Smoke_Checklist.md",
        ),
        ("UI smoke checklist completed when UI changed.", "walk UI_Smoke_Checklist"),
        (
            r#"Before wrapping up, run `Tools\Reset-Flags.ps1 -Reason "<note>"` and cite the path."#,
            "run Put flags back, Reset-Flags.ps1",
        ),
        ("Run `Tools/Unknown.ps1 -Area All`.", "run, Unknown.ps1"),
        ("`harborctl test` is green; its last line is in the log.", "run Tests, Record"),
        ("No device written to.", ""),
    ]);
}

#[test]
fn after_the_work() {
    check(&[
        ("Capture outputs in your session log (`Logs/Metrics/<date>.json`, rollups).", "Record"),
        ("Compare metrics to `docs/telemetry/Gates.md`; stop if thresholds are missed.", "CompareGates, Gates.md"),
        ("Evidence files exist where the board cites them.", "DocSync"),
        ("Update the Plan file (active work or recent timeline) with results.", "plan"),
        (
            "Update `docs/Harbor_TaskBoard.md` and `docs/taskboard/TaskBoard.csv` (status, notes).",
            "board, Harbor_TaskBoard.md",
        ),
        ("Update `docs/taskboard/TaskBoard.csv`.", "csv, TaskBoard.csv"),
        ("Update `docs/CODEX_BACKLOG.md` (close or move the row).", "backlog, CODEX_BACKLOG.md"),
        ("Save your session log under `docs/agents/sessions/<date>.md`.", "StartSession"),
        (
            "Run `Tools/Test-DocSyncChecklist.ps1 -TaskId <id>` and record the output path in your session log.",
            "DocSync, run, Record, Test-DocSyncChecklist.ps1",
        ),
        ("Produce the CLI summary (`PATCH SUMMARY`, `NEXT STEP`) referencing the plan entry.", "Finish"),
        ("Session log finished with status and follow-ups.", "Finish"),
    ]);
}

#[test]
fn numbered_lists_and_rows() {
    let numbered = "# Guide\n## Checklist\n1. Task selected from `TaskBoard.csv` + plan file reviewed.\n\
        2. Plan recorded via `update_plan` + session log draft.\n3. Work aligned with `docs/CODEX_RUNBOOK.md` commands.\n\
        4. Telemetry captured and compared to Automation Gates.\n5. Plan file / task board / backlog / session log all updated.\n\
        6. CLI summary references plan.\n";
    assert_eq!(
        asked(&list("docs/Guide.md", numbered)),
        [
            "PickTask",
            "EditPlan, StartSession",
            "run, CODEX_RUNBOOK.md",
            "CompareGates",
            "board, backlog, plan, Record",
            "Finish"
        ]
    );
    // A row's words are about a program: only commands count.
    assert_eq!(asked(&list("docs/Other_Smoke.md", SMOKE)), ["run Tests", ""]);
}
