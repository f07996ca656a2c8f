//! What the configuration decides about the screen: theme, keys and mouse, at the start and whenever it changes.

use std::sync::Arc;

use super::App;
use crate::tui::effect::Effect;
use crate::tui::keymap::Keymap;
use crate::tui::messages::Tone;
use crate::tui::theme::{Environment, Theme};
use crate::workbench::View;
use crate::workspace::Config;

impl App {
    /// A cockpit without a view yet, as the configuration wants it.
    pub fn configured(config: Arc<Config>, environment: Environment, width: u16, height: u16) -> App {
        let mut app = App::new(Theme::of(&config.ui, &environment), Keymap::default(), width, height);
        app.environment = environment;
        // Nobody has set the terminal otherwise yet: the loop begins with what the configuration says.
        app.configure(&config);
        app.view = Arc::new(View { config, ..View::default() });
        app.arrange();
        app
    }

    /// Takes on theme, keys and mouse of a configuration.
    pub(super) fn configure(&mut self, config: &Config) -> Vec<Effect> {
        self.theme = Theme::of(&config.ui, &self.environment);
        let (keymap, bad) = Keymap::new(&config.keys);
        self.keymap = keymap;
        if let Some(first) = bad.first() {
            let more = if bad.len() > 1 { format!(" (and {} more)", bad.len() - 1) } else { String::new() };
            self.say(Tone::Bad, format!("[keys] {first}{more}; `codex-tui doctor` shows where"));
        }
        let changed = self.view.config.ui.mouse != config.ui.mouse;
        if changed { self.set_mouse(config.ui.mouse) } else { Vec::new() }
    }

    /// Takes clicks and the wheel, or leaves them to the terminal.
    pub(super) fn switch_mouse(&mut self) -> Vec<Effect> {
        let whose = if self.mouse { "the terminal's" } else { "the cockpit's" };
        self.say(Tone::Plain, format!("clicks and the wheel are {whose}"));
        self.set_mouse(!self.mouse)
    }

    fn set_mouse(&mut self, on: bool) -> Vec<Effect> {
        self.mouse = on;
        vec![Effect::Mouse(on)]
    }
}
