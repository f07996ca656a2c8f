//! The cockpit: terminal in, terminal out. Knows the workbench and the types of the domain; no rule of the domain
//! lives here, and nothing here touches the workspace.
//!
//! One queue: terminal, workbench and signals send to it; the loop draws, sleeps until something comes, takes all that
//! is there, starts the effects and draws once. There is no tick.

mod action;
pub mod app;
mod behind;
mod canvas;
mod chrome;
pub(crate) mod clipboard;
mod editor;
pub mod effect;
pub mod event;
mod filter;
pub mod keymap;
mod layout;
mod messages;
pub mod overlay;
pub mod pane;
mod terminal;
pub mod text;
pub mod theme;
mod unread;
mod widget;

use std::io;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use chrono::Local;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

use crate::sys::{Signal, process, signal};
use crate::workbench::{Actor, Live, Order, Report, Workbench};
use app::App;
use effect::Effect;
use event::Event;
use messages::Tone;
use terminal::{Heard, Reader, Screen};
use theme::Environment;

/// How long the first frame waits for the boards: below what an eye or a benchmark sees, enough for a small workspace.
const FIRST_VIEW: Duration = Duration::from_millis(3);
/// Time between two frames that nobody asked for.
const FRAME: Duration = Duration::from_millis(8);
/// Messages taken before the next frame, at most.
const BURST: usize = 4096;
/// How long leaving waits for writes that were ordered.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// How the cockpit is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The agent's session file, or folder of them, to follow.
    pub agent: Option<PathBuf>,
    /// Who writes.
    pub actor: Actor,
}

/// Why the cockpit ended otherwise than by `quit`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The terminal could not be taken, read or painted.
    #[error("the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// A signal asked to leave; the terminal is as it was. The exit code is 128 + the number.
    #[error("ended by signal {0}")]
    Signal(i32),
}

/// What comes through the queue.
enum Message {
    Heard(Heard),
    Report(Report),
    Signal(Signal),
    /// A thread panicked.
    Broken(String),
    /// The editor ended.
    Returned(Option<String>),
    /// The operator's clipboard program ended.
    Copied(Result<String, String>),
}

type Queue = mpsc::UnboundedSender<Message>;

/// Runs the cockpit until the operator leaves. The terminal is as it was afterwards, whatever happens.
pub fn run(bench: Workbench, options: Options) -> Result<(), Error> {
    process::share_heap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(cockpit(bench, &options));
    // Nothing that is still open may delay the shell's prompt.
    runtime.shutdown_background();
    ended
}

async fn cockpit(bench: Workbench, options: &Options) -> Result<(), Error> {
    let (queue, mut inbox) = mpsc::unbounded_channel();
    let config = bench.view().config.clone();
    terminal::set_mouse(config.ui.mouse)?;
    let root = bench.view().root.clone();
    // Loading runs while the terminal is set up.
    let reports = queue.clone();
    let live = Live::start(bench, options.actor.clone(), move |report| {
        // The cockpit has left: nobody wants to know.
        let _ = reports.send(Message::Report(report));
    });
    if let Some(path) = &options.agent {
        live.order(Order::FollowAgent(Some(path.clone())));
    }
    listen(&queue)?;
    restore_on_panic(queue.clone());
    let _guard = terminal::Guard;
    terminal::take()?;
    let reader = start_reader(&queue)?;
    let (width, height) = crossterm::terminal::size()?;
    let environment = Environment { colorfgbg: std::env::var("COLORFGBG").ok() };
    let mut app = App::configured(config, environment, width, height);
    app.set_who(&options.actor.name);
    let mut cockpit = Cockpit {
        app,
        screen: ManuallyDrop::new(terminal::screen()?),
        live,
        queue,
        root,
        owner: Owner::Us(reader),
        ticket: 0,
        own: Vec::new(),
        panic_on_key: std::env::var_os("CODEX_TUI_TEST_PANIC").is_some_and(|value| value == "1"),
    };
    // Whatever else comes first (an answer of the terminal, a resize), the first frame waits for the boards.
    let begun = Instant::now();
    while cockpit.app.view().generation == 0 {
        let left = FIRST_VIEW.saturating_sub(begun.elapsed());
        let Ok(Some(message)) = tokio::time::timeout(left, inbox.recv()).await else { break };
        if let Next::Leave(signal) = cockpit.take(message)? {
            return cockpit.leave(signal, &mut inbox).await;
        }
    }
    let mut next = inbox.try_recv().ok();
    // When a frame was drawn that nobody had asked for.
    let mut drawn: Option<Instant> = None;
    let (mut first, mut hurry) = (true, false);
    loop {
        let mut taken = 0;
        while let Some(message) = next.take() {
            // The first boards are waited for like an answer to a key.
            hurry |= !matches!(message, Message::Report(_)) || cockpit.app.view().generation == 0;
            if let Next::Leave(signal) = cockpit.take(message)? {
                return cockpit.leave(signal, &mut inbox).await;
            }
            taken += 1;
            if taken < BURST {
                next = inbox.try_recv().ok();
            }
        }
        // A log may grow faster than anybody reads: reports that come within a frame of the last one wait for its end.
        // What the operator does never waits, nor does the answer to it.
        if let Some(rest) = drawn.filter(|_| !hurry).and_then(|at| FRAME.checked_sub(at.elapsed()))
            && let Ok(message) = tokio::time::timeout(rest, inbox.recv()).await
        {
            next = message;
            continue;
        }
        cockpit.draw()?;
        if std::mem::take(&mut first) {
            cockpit.live.order(Order::Painted);
        }
        drawn = (!hurry).then(Instant::now);
        hurry = false;
        next = inbox.recv().await;
    }
}

/// What follows from a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Go on.
    Stay,
    /// Leave, because of a signal or because the operator said so.
    Leave(Option<Signal>),
}

/// Whose the terminal is.
enum Owner {
    /// Ours; the thread reads it.
    Us(Reader),
    /// An editor's.
    Editor,
}

struct Cockpit {
    app: App,
    /// Never dropped: ratatui's drop writes to standard error when the terminal is gone, and that panics when standard
    /// error is gone too.
    screen: ManuallyDrop<Screen>,
    live: Live,
    queue: Queue,
    root: PathBuf,
    owner: Owner,
    ticket: u64,
    /// Signals that we caused ourselves and that are still to arrive.
    own: Vec<Signal>,
    panic_on_key: bool,
}

impl Cockpit {
    fn draw(&mut self) -> Result<(), Error> {
        if matches!(self.owner, Owner::Us(_)) {
            self.screen.draw(|frame| self.app.draw(frame))?;
        }
        Ok(())
    }

    fn take(&mut self, message: Message) -> Result<Next, Error> {
        match message {
            Message::Heard(Heard::Input(events)) => {
                for event in events {
                    let is_key = matches!(event, crossterm::event::Event::Key(_));
                    assert!(!(self.panic_on_key && is_key), "CODEX_TUI_TEST_PANIC is set");
                    self.app.set_now(Local::now().naive_local());
                    let next = self.handle(Event::Input(event))?;
                    // What was typed for the editor, or after leaving, must not act here.
                    if next != Next::Stay || !matches!(self.owner, Owner::Us(_)) {
                        return Ok(next);
                    }
                }
                Ok(Next::Stay)
            }
            Message::Heard(Heard::HungUp) => Ok(Next::Leave(Some(Signal::Hup))),
            Message::Report(report) => {
                self.app.set_now(Local::now().naive_local());
                self.handle(Event::Report(report))
            }
            Message::Broken(text) => self.handle(Event::Broken(text)),
            Message::Copied(result) => self.handle(Event::Copied(result)),
            Message::Returned(problem) => {
                terminal::drain();
                self.take_back()?;
                self.handle(Event::Returned(problem))
            }
            Message::Signal(signal) => self.signal(signal),
        }
    }

    fn signal(&mut self, signal: Signal) -> Result<Next, Error> {
        if let Some(at) = self.own.iter().position(|&own| own == signal) {
            self.own.swap_remove(at);
            return Ok(Next::Stay);
        }
        let ours = matches!(self.owner, Owner::Us(_));
        match signal {
            // Ctrl-C and Ctrl-\ in the editor are the editor's.
            Signal::Int | Signal::Quit if !ours => Ok(Next::Stay),
            Signal::Term | Signal::Hup | Signal::Int | Signal::Quit => Ok(Next::Leave(Some(signal))),
            Signal::Stop => {
                self.suspend()?;
                Ok(Next::Stay)
            }
            // Stopped without being asked (SIGSTOP): the terminal may be in any state.
            Signal::Continue if ours => {
                terminal::restore();
                terminal::take()?;
                self.repaint()?;
                Ok(Next::Stay)
            }
            Signal::Resize if ours => {
                let (width, height) = crossterm::terminal::size()?;
                self.handle(Event::Input(crossterm::event::Event::Resize(width, height)))
            }
            Signal::Continue | Signal::Resize => Ok(Next::Stay),
        }
    }

    fn handle(&mut self, event: Event) -> Result<Next, Error> {
        let mut next = Next::Stay;
        for effect in self.app.handle(event) {
            match effect {
                Effect::Do(request) => {
                    self.ticket += 1;
                    self.live.order(Order::Do { ticket: self.ticket, request });
                }
                Effect::Order(order) => self.live.order(order),
                Effect::Copy(text) => self.copy(text)?,
                Effect::Mouse(on) => terminal::set_mouse(on)?,
                Effect::Editor { doc, line } => self.lend(doc.as_str(), line)?,
                Effect::Suspend if !signal::CAN_STOP => {
                    self.app.say(Tone::Plain, "this system cannot stop a program; open another window instead");
                }
                Effect::Suspend => {
                    // As the terminal itself does for Ctrl-Z: the whole job stops, or the shell keeps waiting.
                    let whole_job = signal::is_in_job();
                    terminal::restore();
                    if whole_job {
                        self.own.push(Signal::Stop);
                        signal::stop_job();
                    }
                    self.suspend()?;
                }
                Effect::Quit => next = Next::Leave(None),
            }
        }
        Ok(next)
    }

    /// Copies through the operator's program, off this thread, or through the terminal.
    fn copy(&mut self, text: String) -> Result<(), Error> {
        let words = self.app.view().config.ui.clipboard.clone();
        if words.is_empty() {
            return self.handle(Event::Copied(clipboard::through_terminal(&text))).map(drop);
        }
        let queue = self.queue.clone();
        // The cockpit may have left when it ends.
        let wait = move || drop(queue.send(Message::Copied(clipboard::through_program(&words, &text))));
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(wait)?;
        Ok(())
    }

    /// Gives the terminal back and stops; goes on when the shell says so.
    fn suspend(&mut self) -> Result<(), Error> {
        let ours = matches!(self.owner, Owner::Us(_));
        // Does nothing while the terminal is an editor's.
        terminal::restore();
        signal::stop();
        // Stopped; somebody said go on.
        self.own.push(Signal::Continue);
        if ours {
            terminal::take()?;
            self.repaint()?;
        }
        Ok(())
    }

    fn repaint(&mut self) -> Result<(), Error> {
        let (width, height) = crossterm::terminal::size()?;
        self.app.handle(Event::Input(crossterm::event::Event::Resize(width, height)));
        // Not `clear`: that asks the terminal where its cursor is.
        self.screen.resize(Rect::new(0, 0, width, height))?;
        self.draw()
    }

    /// Lends the terminal to the operator's editor; `Message::Returned` takes it back.
    fn lend(&mut self, doc: &str, line: usize) -> Result<(), Error> {
        let variable = |name| std::env::var(name).ok();
        let own = &self.app.view().config.ui.editor;
        let words = editor::words(own, variable("VISUAL").as_deref(), variable("EDITOR").as_deref());
        let mut command = editor::command(&words, &self.root.join(doc), line);
        command.current_dir(&self.root);
        if let Owner::Us(reader) = std::mem::replace(&mut self.owner, Owner::Editor) {
            reader.stop();
        }
        terminal::restore();
        let queue = self.queue.clone();
        let program = words.first().cloned().unwrap_or_default();
        let wait = move || {
            let problem = match command.status() {
                Ok(status) if status.success() => None,
                Ok(status) => Some(format!("{program}: ended with {status}")),
                Err(error) => Some(format!("{program}: {error}; set $VISUAL or $EDITOR")),
            };
            // The cockpit has left meanwhile.
            let _ = queue.send(Message::Returned(problem));
        };
        std::thread::Builder::new().name("editor".to_owned()).spawn(wait)?;
        Ok(())
    }

    fn take_back(&mut self) -> Result<(), Error> {
        terminal::take()?;
        terminal::drain();
        self.owner = Owner::Us(start_reader(&self.queue)?);
        self.repaint()
    }

    /// Leaves: the terminal first, then the writes that were ordered.
    async fn leave(self, signal: Option<Signal>, inbox: &mut mpsc::UnboundedReceiver<Message>) -> Result<(), Error> {
        if matches!(self.owner, Owner::Us(_)) {
            terminal::restore();
        }
        let mut app = self.app;
        let rest = async {
            while app.pending() > 0 {
                match inbox.recv().await {
                    Some(Message::Report(report)) => {
                        app.handle(Event::Report(report));
                    }
                    Some(Message::Broken(_)) | None => return,
                    Some(Message::Heard(_) | Message::Signal(_) | Message::Returned(_) | Message::Copied(_)) => {}
                }
            }
        };
        // A workbench that does not answer any more must not keep the shell waiting.
        let _ = tokio::time::timeout(LAST_WRITES, rest).await;
        drop(self.live);
        match signal {
            Some(signal) => Err(Error::Signal(signal::number(signal))),
            None => Ok(()),
        }
    }
}

fn start_reader(queue: &Queue) -> io::Result<Reader> {
    let queue = queue.clone();
    Reader::start(move |heard| {
        // The cockpit has left.
        let _ = queue.send(Message::Heard(heard));
    })
}

/// Sends the signals to the queue.
fn listen(queue: &Queue) -> io::Result<()> {
    let queue = queue.clone();
    signal::listen(&Signal::ALL, move |signal| queue.send(Message::Signal(signal)).is_ok())
}

/// A panic of the drawing thread gives the terminal back before it is reported; one of another thread is said in the
/// cockpit.
fn restore_on_panic(queue: Queue) {
    let drawing: ThreadId = std::thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        if thread.id() == drawing {
            terminal::restore();
            report(info);
            return;
        }
        let payload = info.payload();
        let why = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let why = why.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let at = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        let name = thread.name().unwrap_or("a thread");
        // The cockpit has left.
        let _ = queue.send(Message::Broken(format!("{name} ended by a bug: {why}{at}; leave and start again")));
    }));
}
