//! A pane that shows nothing yet.
use super::*;
/// Blank.
pub struct Blank(pub PaneId, pub Context);
impl Pane for Blank {
    fn id(&self) -> PaneId {
        self.0
    }
    fn context(&self) -> Context {
        self.1
    }
    fn title(&self, _: &Cx<'_>) -> String {
        String::new()
    }
    fn refresh(&mut self, _: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn fit(&mut self, _: &Cx<'_>) {}
    fn act(&mut self, _: Action, _: &Cx<'_>) -> Flow {
        Flow::Passed
    }
    fn click(&mut self, _: u16, _: u16, _: bool, _: &Cx<'_>) -> Flow {
        Flow::Passed
    }
    fn wheel(&mut self, _: i32, _: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn filter(&self) -> &str {
        ""
    }
    fn set_filter(&mut self, _: &str, _: &Cx<'_>) {}
    fn place(&self, _: &Cx<'_>) -> Option<(DocId, usize)> {
        None
    }
    fn clip(&self, _: Clip, _: &Cx<'_>) -> Option<String> {
        None
    }
    fn draw(&self, _: &mut Buffer, _: &Cx<'_>) {}
}
