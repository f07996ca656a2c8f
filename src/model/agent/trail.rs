//! The events of an agent's session file, put together from its lines: results at their calls, nothing twice, and no more
//! of them than somebody reads.

use std::collections::VecDeque;

use super::{Call, Event, Form, News, Piece, Plan, Speaker, What};

/// Events that are held; the oldest go first.
pub const MOST: usize = 5_000;
/// How far back the second form of a message is expected.
const ECHOES: usize = 16;

/// The held events, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    events: VecDeque<Event>,
    /// Events that were let go.
    dropped: usize,
    plan: Option<Plan>,
    /// Messages whose other form has not come yet.
    alone: VecDeque<(Speaker, Form, String)>,
    last: Option<chrono::DateTime<chrono::FixedOffset>>,
}

/// What a piece changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Nothing.
    Nothing,
    /// A new event at the end; so many went at the front.
    Added {
        /// How many.
        dropped: usize,
    },
    /// The event at this place.
    Updated(usize),
}

impl Trail {
    /// The events, oldest first.
    pub fn events(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.events.iter()
    }

    /// How many events were let go since the first.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The plan as the agent said it last.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// When the agent was last heard of.
    pub fn last(&self) -> Option<chrono::DateTime<chrono::FixedOffset>> {
        self.last
    }

    /// Takes in what a line says.
    pub fn take(&mut self, piece: Piece) -> Changed {
        self.last = piece.at.or(self.last);
        match piece.news {
            News::Result(call) => self.finish(call, piece.at),
            News::Event(What::Message { speaker, form, text }) => {
                let echo =
                    self.alone.iter().position(|(who, other, said)| *who == speaker && *other != form && *said == text);
                if let Some(echo) = echo {
                    self.alone.remove(echo);
                    return Changed::Nothing;
                }
                self.alone.push_back((speaker, form, text.clone()));
                if self.alone.len() > ECHOES {
                    self.alone.pop_front();
                }
                self.push(Event { at: piece.at, what: What::Message { speaker, form, text } })
            }
            News::Event(What::Plan(plan)) => {
                if self.plan.as_ref() == Some(&plan) {
                    return Changed::Nothing;
                }
                self.plan = Some(plan.clone());
                self.push(Event { at: piece.at, what: What::Plan(plan) })
            }
            News::Event(What::Call(call)) => match self.find(&call.id) {
                // The program shows what the model has asked for.
                Some(_) => Changed::Nothing,
                None => self.push(Event { at: piece.at, what: What::Call(call) }),
            },
            News::Event(What::Unknown { kind, times }) => {
                let at = self.events.len().saturating_sub(1);
                match self.events.back_mut().map(|event| &mut event.what) {
                    Some(What::Unknown { kind: same, times: before }) if *same == kind => {
                        *before += times;
                        Changed::Updated(at)
                    }
                    _ => self.push(Event { at: piece.at, what: What::Unknown { kind, times } }),
                }
            }
            News::Event(what) => self.push(Event { at: piece.at, what }),
        }
    }

    /// Joins a result with its call. One whose call is not held stands for itself if it says what was called.
    fn finish(&mut self, result: Call, at: Option<chrono::DateTime<chrono::FixedOffset>>) -> Changed {
        let Some(place) = self.find(&result.id) else {
            let says = !result.text.is_empty() || !result.files.is_empty();
            return if says { self.push(Event { at, what: What::Call(result) }) } else { Changed::Nothing };
        };
        let Some(What::Call(call)) = self.events.get_mut(place).map(|event| &mut event.what) else {
            return Changed::Nothing;
        };
        if call.files.is_empty() {
            call.files = result.files;
        }
        if call.text.is_empty() {
            call.text = result.text;
        }
        // Both forms tell of one end; the figures of whichever has them, the output of the first that has some.
        let (known, new) = (call.result.take().unwrap_or_default(), result.result.unwrap_or_default());
        let known_output = !known.first.is_empty() || new.first.is_empty();
        let mut both = if known_output { known.clone() } else { new.clone() };
        both.exit = known.exit.or(new.exit);
        both.ok = known.ok.or(new.ok);
        both.took = known.took.or(new.took);
        call.result = Some(both);
        Changed::Updated(place)
    }

    fn find(&self, id: &str) -> Option<usize> {
        if id.is_empty() {
            return None;
        }
        self.events.iter().rposition(|event| matches!(&event.what, What::Call(call) if call.id == id))
    }

    fn push(&mut self, event: Event) -> Changed {
        self.events.push_back(event);
        let dropped = self.events.len().saturating_sub(MOST);
        self.events.drain(..dropped);
        self.dropped += dropped;
        Changed::Added { dropped }
    }
}
