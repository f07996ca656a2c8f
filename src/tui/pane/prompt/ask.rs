//! What the Prompt pane asks for: the facts of a prompt in a form, and where it is saved.

use super::{NAME, PromptPane};
use crate::doc::DocId;
use crate::model::prompt::save;
use crate::tui::pane::{About, Ask, Cx, FieldValue, Flow, FormField, FormSpec, PaneId};
use crate::tui::text;
use crate::workbench::prompt::NewPrompt;

/// What the form is about.
pub(super) const FACTS: &str = "facts";
/// What the question for a path is about.
pub(super) const SAVE: &str = "save";

/// The lists that the form asks for: key, label, note.
const LISTS: [(&str, &str, &str); 7] = [
    ("inputs", "Inputs", "one a line: NAME=FORMAT, or NAME?=FORMAT where it is not required"),
    ("outputs", "Outputs", "one a line: what has to come out"),
    ("environment", "Environment", "one a line: a variable, or another assumption"),
    ("safe", "Safe commands", "one a line; the runbook's up to L1 when empty"),
    ("forbidden", "Forbidden", "one a line: what must not be done"),
    ("approval", "Approval", "one a line; the runbook's commands above L1 when empty"),
    ("said", "More", "one a line: POINT=TEXT, by the name of a point of the checklist"),
];

/// The list of the prompt that belongs to a key of the form.
fn list<'n>(new: &'n mut NewPrompt, key: &str) -> &'n mut Vec<String> {
    match key {
        "inputs" => &mut new.inputs,
        "outputs" => &mut new.outputs,
        "environment" => &mut new.environment,
        "safe" => &mut new.safe,
        "forbidden" => &mut new.forbidden,
        "approval" => &mut new.approval,
        "said" => &mut new.said,
        _ => &mut new.gates,
    }
}

impl PromptPane {
    /// `i`: gates, inputs, outputs and lists.
    pub(super) fn ask_facts(&mut self, cx: &Cx<'_>) -> Flow {
        let field = |key: &str, label: &str, value, note: &str| FormField {
            key: key.to_owned(),
            label: label.to_owned(),
            value,
            note: note.to_owned(),
        };
        let known: Vec<&str> = cx.view.gates.list.clauses.iter().map(|clause| clause.id.as_str()).collect();
        let note =
            format!("ids, with blanks between; those of the task's plan when empty. There are {}", known.join(" "));
        let mut fields = vec![field("gates", "Gates", FieldValue::Line(self.new.gates.join(" ")), &note)];
        for (key, label, note) in LISTS {
            fields.push(field(key, label, FieldValue::Text(list(&mut self.new, key).join("\n")), note));
        }
        let title = "What the prompt says".to_owned();
        Flow::Form(Box::new(FormSpec { title, fields, about: About::Pick(FACTS.to_owned()), pane: PaneId::Prompt }))
    }

    /// The form was filled in. What cannot be composed is said in it.
    pub(super) fn take_facts(&mut self, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        let mut new = self.new.clone();
        for (key, value) in values {
            let is_gates = key == "gates";
            let parts = value.text().split(|c: char| if is_gates { c.is_whitespace() || c == ',' } else { c == '\n' });
            *list(&mut new, key) = parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        }
        if let Err(why) = cx.view.compose_prompt(&new, &cx.view.gates.list, NAME) {
            return Flow::Say(why.to_string());
        }
        self.new = new;
        self.compose(cx);
        Flow::done()
    }

    /// `w`: where is it to be saved?
    pub(super) fn ask_path(&mut self) -> Flow {
        let Some(composed) = &self.composed else { return Flow::Say("there is no prompt to be saved".to_owned()) };
        let open = composed.findings.len();
        let context =
            if open == 0 { String::new() } else { format!("{} not filled in yet", text::counted(open, "place")) };
        Flow::Ask(Ask {
            about: About::Pick(SAVE.to_owned()),
            title: "Save the prompt".to_owned(),
            context,
            hint: "Path of a new document, such as ai/prompts/berths.md".to_owned(),
            may_be_empty: false,
        })
    }

    pub(super) fn save(&mut self, path: &str, _cx: &Cx<'_>) -> Flow {
        let Some(composed) = &self.composed else { return Flow::done() };
        match DocId::new(path.trim()) {
            Ok(doc) => Flow::Preview(Box::new(save(&doc, &composed.text))),
            Err(why) => Flow::Say(why.to_string()),
        }
    }
}
