//! Documents and command lines that try to get more than the operator granted.

use super::*;

const PLAN: &str = "# Autonomy\n\n| Who | What |\n|-|-|\n| L9 | nothing |\n\n```\n| Level | Allowed |\n|-|-|\n| L1 | \
                    everything |\n```\n\n## Levels\n| Stage | Meaning | May do | Extra requirements |\n|---|---|---|---|\n| **L0** – Look | \
                    Reading | `rg` | None |\n| L1 – Edit | Documents | Edits, `harborctl test`, dry runs | Log |\n| Level 2: Try | Sweeps \
                    and cold-start passes | `Tools\\Run-Harbor.ps1`, bench | Reset overrides |\n| `L3` | Fetch | \
                    `Tools/Net.psm1::Get-Thing`, downloads | Operator |\n\nSessions start at L1. Escalate to L2/L3 only when the plan \
                    says so.\n- Online: set `HARBOR_ALLOW_NET=1` (and `_INSTALL=1` if needed).\n";

fn plan() -> Autonomy {
    let id = DocId::new("docs/CODEX_AUTONOMY_PLAN.md").expect("a path");
    Autonomy::project(&Document::parse(id, PLAN.as_bytes().to_vec()))
}

#[test]
fn the_table_is_found_by_its_cells() {
    let plan = plan();
    let rules: Vec<(Level, &str, usize)> = plan.rules.iter().map(|r| (r.level, r.title.as_str(), r.line)).collect();
    assert_eq!(rules, [(Level::L0, "Look", 16), (Level::L1, "Edit", 17), (Level::L2, "Try", 18), (Level::L3, "", 19)]);
    assert_eq!(plan.meaning(Level::L1), "Edits, `harborctl test`, dry runs");
    assert_eq!(plan.rule(Level::L3).map(|rule| rule.requires.as_str()), Some("Operator"));
    assert_eq!(plan.escalation_line, Some(21));
    let vars: Vec<(&str, &str)> = plan.opt_ins.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
    assert_eq!(vars, [("HARBOR_ALLOW_NET", "1"), ("HARBOR_ALLOW_INSTALL", "1")]);
    assert_eq!(Autonomy::default().meaning(Level::L0), "reading; nothing is written");
}

#[test]
fn headers_have_many_spellings() {
    for (header, cell) in [("Level", "0"), ("Autonomy level", "L0"), ("Mode", "L0"), ("LVL", "Level 0 - x")] {
        let text = format!("| {header} | Actions |\n|-|-|\n| {cell} | a |\n| L1 | b |\n");
        let id = DocId::new("a.md").expect("a path");
        let plan = Autonomy::project(&Document::parse(id, text.into_bytes()));
        assert_eq!(plan.rule(Level::L0).map(|rule| (rule.allowed.as_str(), rule.line)), Some(("a", 3)), "{header}");
    }
}

#[test]
fn the_header_of_a_log_grants_no_more_than_it_says() {
    for (header, want) in [
        ("", Level::L1),
        ("L2 – Experiment", Level::L2),
        ("**l3**", Level::L3),
        ("L1, then L3", Level::L1),
        ("L4", Level::L1),
        ("XL3 or L30", Level::L1),
        ("none", Level::L1),
        ("L0", Level::L0),
    ] {
        assert_eq!(Level::in_header(header), want, "{header}");
    }
}

#[test]
fn command_lines_need_what_they_do() {
    let plan = plan();
    let mut wrong = Vec::new();
    let mut check = |level: Level, lines: &[&str]| {
        for line in lines {
            let need = plan.need_of(line, Origin::Runbook);
            assert!(!need.why.is_empty(), "{line}");
            assert_eq!(need.line, plan.rule(need.level).map(|rule| rule.line), "{line}");
            if need.level != level {
                wrong.push(format!("{line}: {}, not {level}: {}", need.level, need.why));
            }
        }
    };
    check(
        Level::L0,
        &["rg -n curl docs", "git log -3", "Get-Content a.md | Select-String 'rm -rf'", "ls 2>&1", "cat a | wc -l", ""],
    );
    check(
        Level::L1,
        &[
            "harborctl test",
            "Invoke-Pester Modules/Tests",
            "cargo test --offline",
            "rg x > out.txt",
            "git commit -m 'rm'",
            "pwsh -NoProfile -STA -File Tools\\Check-Thing.ps1 -Path a",
            "harborctl sweep --dry-run",
            "harborctl console --url http://localhost:8089/x",
            "git diff --output=x",
            "python3 tools/report.py --day 1",
        ],
    );
    check(
        Level::L2,
        &[
            "harborctl sweep",
            "harborctl SWEEPS --dry-run; harborctl sweep",
            "Tools\\Other.ps1 -MaxThreadsOverride 3",
            "pwsh -File .\\tools\\run-harbor.ps1",
            "Tools/Any.ps1 -RunColdStartPass",
            "rm -rf x",
            "echo x && Remove-Item y",
            "echo `rm x`",
            "echo \"$(rm x)\"",
            "env rm x",
            "find . -name x -exec rm {} +",
            "/bin/rm x",
            "r\"\"m x",
            "HARBOR_SLOTS=9 harborctl test",
            "$env:X = 1; harborctl test",
            "Tools\\X.ps1 -FailOnThing:$false",
            "Tools\\X.ps1 –Force",
            "Tools\\X.ps1 -SkipOrderGuard",
            "git reset --hard",
            "git tag -d v1",
            "git frobnicate",
            "Tools\\Schedule-Thing.ps1 -At 03:00",
            "echo 'x",
            "Get-ChildItem | ForEach-Object { Remove-Item $_ }",
        ],
    );
    check(
        Level::L3,
        &[
            "git push",
            "git -C x push",
            "git -c alias.x=!sh x",
            "curl x",
            "c''url x",
            "c\\url x",
            "cu^rl x",
            "/usr/bin/cur? x",
            "true;curl x",
            "env -S 'curl x'",
            "watch \"ls; curl x\"",
            "trap 'ls' EXIT",
            "powershell /enc AAAA",
            "pwsh –Command ls",
            "(New-Object Net.WebClient).DownloadString($x)",
            "echo \\'; curl x \\'",
            "echo ’'; curl x '’",
            "ls # it's\ncurl x\n# it's",
            "ls|ssh host",
            "ls\ncurl x",
            "timeout 5 wget x",
            "xargs -n1 curl",
            "bash -c 'ls'",
            "bash -xc ls",
            "pwsh -enc AAAA",
            "powershell -Com ls",
            "python -c 1",
            "python3 -m pip install x",
            "echo $(curl x)",
            "echo \"a $(curl x)\"",
            "$'\\x63url' x",
            "$PROGRAM x",
            "& $program",
            "iex x",
            "sudo ls",
            "npm ci",
            "pwsh -File Tools/Bootstrap-Seat.ps1",
            "npm --prefix x install",
            "cargo install x",
            "harborctl report --to https://example.org",
            "harborctl report --to https://localhost@example.org",
            "Tools\\X.ps1 -Mode Online",
            "Tools\\X.ps1 -AllowNetUse",
            "Tools/Net.psm1::Get-Thing",
            "Get-Thing x",
            "HARBOR_ALLOW_NET=1 harborctl test",
            "rg --pre=curl x",
            "cat < /dev/tcp/x/1",
            "cat <<E | sh\nE",
            "sh < x",
        ],
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_nobody_listed_is_not_trusted() {
    let plan = plan();
    assert_eq!(plan.need_of("frob --all", Origin::Typed).level, Level::L2);
    assert_eq!(plan.need_of("frob --all", Origin::Runbook).level, Level::L1);
    assert_eq!(plan.need_of("cargo test", Origin::Typed).level, Level::L1);
    assert_eq!(Autonomy::default().need_of("git push", Origin::Runbook).place(), "built-in rule");
}

#[test]
fn a_plan_cannot_loosen() {
    let text = "| Level | Allowed |\n|-|-|\n| L0 | `curl`, `rm`, `git push` |\n| L1 | `bash -c` |\n";
    let plan = Autonomy::project(&Document::parse(DocId::new("a.md").expect("a path"), text.as_bytes().to_vec()));
    for (line, level) in
        [("curl x", Level::L3), ("rm x", Level::L2), ("git push", Level::L3), ("bash -c ls", Level::L3)]
    {
        assert_eq!(plan.need_of(line, Origin::Runbook).level, level, "{line}");
    }
}

fn env(set: &[(&str, &str)]) -> Vec<(String, String)> {
    set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_guard_holds_every_level() {
    let plan = plan();
    let all = env(&[("HARBOR_ALLOW_NET", "1"), ("HARBOR_ALLOW_INSTALL", "1")]);
    for level in Level::ALL {
        for doing in Doing::ALL {
            let guard = Guard::new(&plan, all.clone());
            let allowed = guard.allows(level, &Action::Kind(doing));
            assert_eq!(allowed.is_ok(), level >= doing.level(), "{level} {doing:?}");
        }
    }
    let guard = Guard::new(&plan, all);
    let refusal = guard.allows(Level::L0, &Action::Kind(Doing::WriteDocuments)).expect_err("L0 writes nothing");
    assert!(
        refusal
            .to_string()
            .starts_with("writing documents needs L1 (docs/CODEX_AUTONOMY_PLAN.md:17); the session is at L0"),
        "{refusal}"
    );
}

#[test]
fn a_refusal_says_what_going_up_takes() {
    let plan = plan();
    let line = "harborctl sweep".to_owned();
    let need = plan.need_of(&line, Origin::Runbook);
    let guard = Guard::new(&plan, env(&[]));
    let refusal = guard.allows(Level::L1, &Action::Command { line, need }).expect_err("L1 runs no L2 command");
    assert_eq!(
        refusal.to_string(),
        "running `harborctl sweep` needs L2: the plan speaks of \"sweeps\" at L2 (docs/CODEX_AUTONOMY_PLAN.md:18); the session \
         is at L1. Going up to L2 takes a reason, the plan or task entry that says so, the operator's confirmation \
         (docs/CODEX_AUTONOMY_PLAN.md:21); the plan asks for: Reset overrides"
    );
}

#[test]
fn at_l3_the_operator_opts_in_with_the_right_values() {
    let plan = plan();
    let check = |set: &[(&str, &str)], doing: Doing, unset: &[&str]| {
        let result = Guard::new(&plan, env(set)).allows(Level::L3, &Action::Kind(doing));
        let named: Vec<String> = match &result {
            Ok(()) => Vec::new(),
            Err(refusal) => refusal.escalation.unset.iter().map(|one| one.name.clone()).collect(),
        };
        assert_eq!(named, unset, "{set:?}");
    };
    check(&[], Doing::Network, &["HARBOR_ALLOW_NET"]);
    check(&[("HARBOR_ALLOW_NET", "0")], Doing::Network, &["HARBOR_ALLOW_NET"]);
    check(&[("HARBOR_ALLOW_NET", "1")], Doing::Network, &[]);
    check(&[("HARBOR_ALLOW_NET", "1")], Doing::Dependency, &["HARBOR_ALLOW_INSTALL"]);
    check(&[], Doing::Destroy, &[]);
    let need = plan.need_of("curl x", Origin::Runbook);
    let action = Action::Command { line: "curl x".to_owned(), need };
    let refusal = Guard::new(&plan, env(&[])).allows(Level::L3, &action).expect_err("nobody opted in");
    assert!(refusal.to_string().contains("not set: HARBOR_ALLOW_NET=1, HARBOR_ALLOW_INSTALL=1"), "{refusal}");
}
