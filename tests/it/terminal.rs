//! The built program in a real terminal (a PTY with a screen model behind it): start, leave, signals, panic, suspension,
//! the editor. Waits for conditions with a deadline, never for a time.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Generous: the machine that runs this may be busy. Nothing is measured here.
const DEADLINE: Duration = Duration::from_secs(20);
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

const CHECKLIST: &str = "# Session checklist\n\n- [ ] Read it\n- [ ] Pick a task\n- [ ] Write the log\n";

pub struct Cockpit {
    pub folder: tempfile::TempDir,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Everything that was written to the terminal.
    pub written: Vec<u8>,
    before: rustix::termios::Termios,
}

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write(
        "docs/taskboard/TaskBoard.csv",
        "ID,Title,Column\nST-A-001,Find the leak,In Progress\nST-A-002,Mend it,Backlog\n",
    );
    write("docs/CODEX_SESSION_CHECKLIST.md", CHECKLIST);
    folder
}

impl Cockpit {
    fn start(environment: &[(&str, &str)]) -> Cockpit {
        Cockpit::start_in(workspace(), environment)
    }

    /// Started on that workspace.
    pub fn start_in(folder: tempfile::TempDir, environment: &[(&str, &str)]) -> Cockpit {
        Cockpit::start_on(folder, environment, (COLUMNS, ROWS))
    }

    /// Started on that workspace in a terminal of this size, with nothing of the tester's environment that the pipeline would read.
    pub fn start_on(folder: tempfile::TempDir, environment: &[(&str, &str)], (columns, rows): (u16, u16)) -> Cockpit {
        let pty = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a PTY");
        let before = settings(pty.master.as_ref());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_codex-tui"));
        command.args(["--root", &folder.path().to_string_lossy()]);
        command.env("TERM", "xterm-256color");
        for name in [
            "RUST_BACKTRACE",
            "NO_COLOR",
            "VISUAL",
            "EDITOR",
            "CODEX_TUI_TEST_PANIC",
            "CODEX_TUI_THEME",
            "TMUX",
            "STY",
            "TERM_PROGRAM",
            "COLORFGBG",
        ] {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars() {
            if ["GITHUB_", "CODEX_", "GH_"].iter().any(|start| name.starts_with(start)) {
                command.env_remove(name);
            }
        }
        // No configuration of whoever runs this.
        command.env("CODEX_TUI_CONFIG", "");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("started");
        drop(pty.slave);
        let mut from = pty.master.try_clone_reader().expect("a reader");
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = from.read(&mut buffer) {
                if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pty.master.take_writer().expect("a writer");
        Cockpit {
            folder,
            master: Some(pty.master),
            keys: Some(keys),
            child,
            output,
            screen: vt100::Parser::new(rows, columns, 0),
            written: Vec::new(),
            before,
        }
    }

    /// Started, with the board on screen.
    fn on_board(environment: &[(&str, &str)]) -> Cockpit {
        let mut cockpit = Cockpit::start(environment);
        cockpit.wait("the board", |cockpit| cockpit.text().contains("Find the leak"));
        cockpit
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn press(&mut self, keys: &str) {
        self.press_bytes(keys.as_bytes());
    }

    fn press_bytes(&mut self, keys: &[u8]) {
        let writer = self.keys.as_mut().expect("an open terminal");
        writer.write_all(keys).expect("pressed");
        writer.flush().expect("pressed");
    }

    pub fn wait(&mut self, what: &str, done: impl Fn(&Cockpit) -> bool) {
        let end = Instant::now() + DEADLINE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if done(self) {
                return;
            }
            assert!(Instant::now() < end, "waited in vain for {what}; the screen:\n{}", self.text());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(10)) {
                self.take(&bytes);
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    pub fn exit_code(&mut self) -> u32 {
        let end = Instant::now() + DEADLINE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                // What was written last.
                while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                    self.take(&bytes);
                }
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it does not end; the screen:\n{}", self.text());
            std::thread::yield_now();
        }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("sent");
    }

    fn pid(&self) -> rustix::process::Pid {
        let raw = i32::try_from(self.child.process_id().expect("a pid")).expect("a pid");
        rustix::process::Pid::from_raw(raw).expect("a pid")
    }

    /// State letter of the process, as the kernel says it: `T` is stopped.
    fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid().as_raw_nonzero())).unwrap_or_default();
        stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()).unwrap_or('?')
    }

    fn terminal_is_ours(&self) -> bool {
        self.screen.screen().alternate_screen() && !self.cooked()
    }

    fn cooked(&self) -> bool {
        use rustix::termios::LocalModes;
        let now = settings(self.master.as_ref().expect("an open terminal").as_ref());
        now.local_modes.contains(LocalModes::ICANON)
    }

    fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        let now = settings(self.master.as_ref().expect("an open terminal").as_ref());
        assert_eq!(now.local_modes, self.before.local_modes);
        assert_eq!(now.input_modes, self.before.input_modes);
        assert_eq!(now.output_modes, self.before.output_modes);
        assert_eq!(now.control_modes, self.before.control_modes);
    }

    /// How often this was written to the terminal.
    fn times(&self, sequence: &str) -> usize {
        self.written.windows(sequence.len()).filter(|part| *part == sequence.as_bytes()).count()
    }

    fn checklist(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("docs/CODEX_SESSION_CHECKLIST.md")).expect("read")
    }
}

impl Drop for Cockpit {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
    }
}

fn settings(master: &(dyn MasterPty + Send)) -> rustix::termios::Termios {
    let tty = open_tty(&master.tty_name().expect("a name"));
    rustix::termios::tcgetattr(&tty).expect("settings")
}

fn open_tty(name: &Path) -> rustix::fd::OwnedFd {
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    rustix::fs::open(name, flags, rustix::fs::Mode::empty()).expect("the terminal")
}

#[test]
fn leaves_the_terminal_as_it_was() {
    for keys in ["q", "\u{3}"] {
        let mut cockpit = Cockpit::on_board(&[]);
        assert!(cockpit.terminal_is_ours());
        cockpit.press(keys);
        assert_eq!(cockpit.exit_code(), 0);
        cockpit.assert_restored();
        // Nothing was asked of the terminal: a mute one costs nothing.
        for question in ["\x1b[6n", "\x1b[c", "\x1b[?u", "\x1b]11;?"] {
            assert!(!cockpit.written.windows(question.len()).any(|part| part == question.as_bytes()), "{question:?}");
        }
    }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn signals_leave_the_terminal_as_it_was() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut cockpit = Cockpit::on_board(&[]);
        cockpit.signal(signal);
        assert_eq!(cockpit.exit_code(), 128 + signal.as_raw() as u32, "{signal:?}");
        cockpit.assert_restored();
    }
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was() {
    let mut cockpit = Cockpit::on_board(&[("CODEX_TUI_TEST_PANIC", "1")]);
    cockpit.press("j");
    assert_eq!(cockpit.exit_code(), 101);
    cockpit.assert_restored();
    assert!(cockpit.text().contains("CODEX_TUI_TEST_PANIC is set"), "{}", cockpit.text());
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn a_closed_terminal_ends_it() {
    let folder = workspace();
    let pty = native_pty_system().openpty(PtySize::default()).expect("a PTY");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_codex-tui"));
    command.args(["--root", &folder.path().to_string_lossy()]);
    command.env("TERM", "xterm-256color");
    let mut child = pty.slave.spawn_command(command).expect("started");
    drop(pty.slave);
    // No thread may hold the terminal open: it is read here until the board is there.
    let mut from = pty.master.try_clone_reader().expect("a reader");
    let mut screen = vt100::Parser::default();
    let mut buffer = [0; 4096];
    while !screen.screen().contents().contains("Find the leak") {
        let count = from.read(&mut buffer).expect("output");
        assert!(count > 0, "ended early");
        screen.process(&buffer[..count]);
    }
    drop(from);
    drop(pty.master);
    let end = Instant::now() + DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        assert!(Instant::now() < end, "it does not end");
        std::thread::yield_now();
    };
    assert_eq!(status.exit_code(), 129);
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn stops_and_goes_on() {
    use rustix::process::Signal;
    for way in [None, Some(Signal::TSTP)] {
        let mut cockpit = Cockpit::on_board(&[]);
        match way {
            None => cockpit.press("\u{1a}"),
            Some(signal) => cockpit.signal(signal),
        }
        cockpit.wait("the stop", |cockpit| cockpit.state() == 'T' && !cockpit.screen.screen().alternate_screen());
        cockpit.assert_restored();
        cockpit.signal(Signal::CONT);
        cockpit
            .wait("the screen again", |cockpit| cockpit.terminal_is_ours() && cockpit.text().contains("Find the leak"));
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0);
        cockpit.assert_restored();
    }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn a_stop_that_cannot_be_caught_is_recovered_from() {
    let mut cockpit = Cockpit::on_board(&[]);
    cockpit.signal(rustix::process::Signal::STOP);
    cockpit.wait("the stop", |cockpit| cockpit.state() == 'T');
    let before = cockpit.written.len();
    cockpit.signal(rustix::process::Signal::CONT);
    cockpit.wait("the whole screen again", |cockpit| {
        String::from_utf8_lossy(&cockpit.written[before..]).contains("Find the leak")
    });
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    cockpit.assert_restored();
}

#[test]
fn a_new_size_is_drawn() {
    let mut cockpit = Cockpit::on_board(&[]);
    // A key before the new size and one behind it: neither may get lost.
    cockpit.press("z");
    cockpit.wait("the whole board", |cockpit| cockpit.text().contains("Board"));
    cockpit.press("z");
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    cockpit.screen.screen_mut().set_size(40, 120);
    cockpit.master.as_ref().expect("open").resize(size).expect("resized");
    // There is no log here: it gets no room, but its name stands on the border.
    cockpit.wait("two panes", |cockpit| {
        let text = cockpit.text();
        text.contains("1 Checklist ·") && text.contains("2 Board ·") && text.contains("5Log")
    });
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
}

/// An editor that notes its arguments, waits for one line from the terminal and notes that too.
fn fake_editor(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("vim");
    let notes = folder.join("notes");
    let script = format!(
        "#!/bin/sh\nprintf 'args %s\\n' \"$*\" >> '{notes}'\nprintf 'EDITOR IS OPEN\\n'\nread line\nprintf 'line %s\\n' \"$line\" >> '{notes}'\n",
        notes = notes.display()
    );
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    path
}

#[test]
fn the_editor_gets_the_terminal_and_every_key() {
    let tools = tempfile::tempdir().expect("a folder");
    let editor = fake_editor(tools.path());
    let visual = format!("{} --keep 'two words'", editor.display());
    let mut cockpit = Cockpit::on_board(&[("VISUAL", &visual), ("EDITOR", "false")]);
    cockpit.press("1");
    cockpit.wait("the checklist", |cockpit| cockpit.text().contains("[ ] Read it"));
    for round in 1..=3 {
        cockpit.press("o");
        cockpit.wait("the editor", |cockpit| {
            !cockpit.screen.screen().alternate_screen() && cockpit.text().matches("EDITOR IS OPEN").count() >= round
        });
        assert!(cockpit.cooked(), "the editor got a raw terminal");
        // Each of these would act in the cockpit.
        cockpit.press(&format!("  xuq{round}\n"));
        cockpit
            .wait("the cockpit again", |cockpit| cockpit.terminal_is_ours() && cockpit.text().contains("[ ] Read it"));
    }
    let notes = std::fs::read_to_string(tools.path().join("notes")).expect("notes");
    let lines: Vec<&str> = notes.lines().filter(|line| line.starts_with("line")).collect();
    assert_eq!(lines, ["line xuq1", "line xuq2", "line xuq3"], "{notes}");
    let list = cockpit.folder.path().join("docs/CODEX_SESSION_CHECKLIST.md");
    let list = std::fs::canonicalize(list).expect("a path");
    assert!(notes.contains(&format!("args --keep two words +3 {}", list.display())), "{notes}");
    assert_eq!(cockpit.checklist(), CHECKLIST);
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    cockpit.assert_restored();
}

#[test]
fn keys_typed_for_the_editor_in_one_go_do_nothing_here() {
    let tools = tempfile::tempdir().expect("a folder");
    let editor = fake_editor(tools.path());
    let mut cockpit = Cockpit::on_board(&[("EDITOR", &editor.to_string_lossy())]);
    cockpit.press("1");
    cockpit.wait("the checklist", |cockpit| cockpit.text().contains("[ ] Read it"));
    cockpit.press("o   xq");
    cockpit.wait("the editor", |cockpit| cockpit.text().contains("EDITOR IS OPEN"));
    cockpit.press("\n");
    cockpit.wait("the cockpit again", |cockpit| cockpit.terminal_is_ours() && cockpit.text().contains("[ ] Read it"));
    assert_eq!(cockpit.checklist(), CHECKLIST);
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
}

#[test]
fn a_tick_reaches_the_document_and_a_paste_does_not() {
    let mut cockpit = Cockpit::on_board(&[]);
    cockpit.press("1");
    cockpit.wait("the checklist", |cockpit| cockpit.text().contains("[ ] Read it"));
    cockpit.press("\x1b[200~   q\u{3}\r\x1b[201~");
    cockpit.wait("the word about the paste", |cockpit| cockpit.text().contains("pasted text"));
    assert_eq!(cockpit.checklist(), CHECKLIST);
    cockpit.press(" ");
    let ticked = CHECKLIST.replacen("[ ] Read", "[x] Read", 1);
    cockpit.wait("the tick", |cockpit| cockpit.checklist() == ticked && cockpit.text().contains("[x] Read it"));
    cockpit.press("u");
    cockpit.wait("the undo", |cockpit| cockpit.checklist() == CHECKLIST && cockpit.text().contains("[ ] Read it"));
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    cockpit.assert_restored();
}

#[test]
fn an_edit_from_outside_appears_without_a_key() {
    let mut cockpit = Cockpit::on_board(&[]);
    let board = cockpit.folder.path().join("docs/taskboard/TaskBoard.csv");
    let next = board.with_extension("new");
    std::fs::write(&next, "ID,Title,Column\nST-A-001,Found outside,Done\n").expect("written");
    std::fs::rename(&next, &board).expect("renamed");
    cockpit.wait("the change", |cockpit| cockpit.text().contains("Found outside"));
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
}

#[test]
fn keys_sent_with_the_first_frame_act() {
    let mut cockpit = Cockpit::start(&[]);
    cockpit.press("?");
    cockpit.wait("the help", |cockpit| cockpit.text().contains("Keys"));
    cockpit.press("\u{3}");
    assert_eq!(cockpit.exit_code(), 0);
}

const PUSH_KEYS: &str = "\x1b[>1u";
const POP_KEYS: &str = "\x1b[<1u";

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn plain_keys_are_asked_for_where_they_are_offered_and_always_given_back() {
    use rustix::process::Signal;
    let kitty = [("TERM", "xterm-kitty")];
    for end in ["q", "signal", "panic"] {
        let panic = ("CODEX_TUI_TEST_PANIC", if end == "panic" { "1" } else { "0" });
        let mut cockpit = Cockpit::on_board(&[kitty[0], panic]);
        match end {
            "signal" => cockpit.signal(Signal::TERM),
            keys => cockpit.press(&keys[..1]),
        }
        cockpit.exit_code();
        cockpit.assert_restored();
        assert_eq!((cockpit.times(PUSH_KEYS), cockpit.times(POP_KEYS)), (1, 1), "{end}");
    }
    let mut cockpit = Cockpit::on_board(&kitty);
    // As such a terminal sends Ctrl-Z, Super-Q, Ctrl-C.
    cockpit.press("\x1b[122;5u");
    cockpit.wait("the stop", |cockpit| cockpit.state() == 'T' && !cockpit.screen.screen().alternate_screen());
    assert_eq!((cockpit.times(PUSH_KEYS), cockpit.times(POP_KEYS)), (1, 1));
    cockpit.signal(Signal::CONT);
    cockpit.wait("the screen again", |cockpit| cockpit.terminal_is_ours() && cockpit.times(PUSH_KEYS) == 2);
    cockpit.press("\x1b[113;9u?");
    cockpit.wait("the help", |cockpit| cockpit.text().contains("Keys"));
    cockpit.press("\x1b[99;5u");
    assert_eq!(cockpit.exit_code(), 0);
    assert_eq!(cockpit.times(POP_KEYS), 2);
    for elsewhere in [("TERM", "xterm-256color"), ("TMUX", "x,1,0")] {
        let mut plain = Cockpit::on_board(&[elsewhere]);
        plain.press("q");
        plain.exit_code();
        assert_eq!((plain.times(PUSH_KEYS), plain.times(POP_KEYS)), (0, 0), "{elsewhere:?}");
    }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn the_mouse_can_be_left_to_the_terminal_and_taken_again() {
    let mouse = |cockpit: &Cockpit| cockpit.screen.screen().mouse_protocol_mode();
    let mut cockpit = Cockpit::on_board(&[]);
    assert_ne!(mouse(&cockpit), vt100::MouseProtocolMode::None);
    cockpit.press("M");
    cockpit.wait("no mouse", |cockpit| mouse(cockpit) == vt100::MouseProtocolMode::None);
    // It stays so over a stop.
    cockpit.signal(rustix::process::Signal::TSTP);
    cockpit.wait("the stop", |cockpit| cockpit.state() == 'T' && !cockpit.screen.screen().alternate_screen());
    cockpit.signal(rustix::process::Signal::CONT);
    cockpit.wait("the screen again", |cockpit| cockpit.terminal_is_ours() && cockpit.text().contains("Find the leak"));
    assert_eq!(mouse(&cockpit), vt100::MouseProtocolMode::None);
    cockpit.press("M");
    cockpit.wait("the mouse", |cockpit| mouse(cockpit) != vt100::MouseProtocolMode::None);
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    cockpit.assert_restored();
    let file = tempfile::tempdir().expect("a folder");
    let path = file.path().join("config.toml");
    std::fs::write(&path, "[ui]\nmouse = false\n").expect("written");
    let cockpit = Cockpit::on_board(&[("CODEX_TUI_CONFIG", &path.to_string_lossy())]);
    assert_eq!(mouse(&cockpit), vt100::MouseProtocolMode::None);
}

#[test]
fn a_copy_says_which_way_it_went() {
    const PLAIN: &str = "\x1b]52;c;U1QtQS0wMDE=\x1b\\";
    const IN_TMUX: &str = "\x1bPtmux;\x1b\x1b]52;c;U1QtQS0wMDE=\x1b\x1b\\\x1b\\";
    for (variable, way, sequence) in [
        (("TMUX", ""), "copied through the terminal (OSC 52): ST-A-001", PLAIN),
        (("TMUX", "/tmp/t,1,0"), "copied through tmux and the terminal (OSC 52): ST-A-001", IN_TMUX),
    ] {
        let mut cockpit = Cockpit::on_board(&[variable]);
        cockpit.press("y");
        cockpit.wait(way, |cockpit| cockpit.text().contains(way));
        assert_eq!(cockpit.times(sequence), 1);
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (config, copied) = (folder.path().join("config.toml"), folder.path().join("copied"));
    let program = format!("[ui]\nclipboard = [\"sh\", \"-c\", \"cat > '{}'\"]\n", copied.display());
    std::fs::write(&config, program).expect("written");
    let mut cockpit = Cockpit::on_board(&[("CODEX_TUI_CONFIG", &config.to_string_lossy())]);
    cockpit.press("y");
    cockpit.wait("the copy", |cockpit| cockpit.text().contains("copied by sh: ST-A-001"));
    assert_eq!(std::fs::read_to_string(copied).expect("copied"), "ST-A-001");
    assert_eq!(cockpit.times("\x1b]52;"), 0);
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
}

#[test]
fn a_broken_configuration_starts_the_cockpit_and_a_mended_one_counts_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[ui\nascii = = 3\n[keys]\nzom = [\"z\"]\n").expect("written");
    let mut cockpit = Cockpit::on_board(&[("CODEX_TUI_CONFIG", &config.to_string_lossy())]);
    cockpit.press("!");
    cockpit.wait("the notice", |cockpit| cockpit.text().contains("config.toml:1"));
    cockpit.press("\x1b");
    std::fs::write(cockpit.folder.path().join("codex-tui.toml"), "[ui]\nascii = true\n[keys]\nquit = [\"Q\"]\n")
        .expect("written");
    cockpit.wait("borders in ASCII", |cockpit| cockpit.text().contains("+- ") || cockpit.text().contains("+ 2 "));
    cockpit.press("qQ");
    assert_eq!(cockpit.exit_code(), 0);
}
