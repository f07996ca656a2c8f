//! A server on loopback that speaks the part of the GitHub API that the pipeline uses, with state, and fails on demand.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

use super::http::{Reply, Request, read, send};
use super::world::{FINE, TOKEN, World};

/// How an answer goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Another status, with headers and body.
    Status(u16, Vec<(&'static str, String)>, &'static str),
    /// The connection ends before anything is done.
    CutBefore,
    /// It is done, and the connection ends before the answer.
    CutAfter,
    /// Half of the answer.
    Truncated,
    /// 200 with this body; nothing is done.
    Body(&'static str),
    /// An empty page that has a next one.
    EmptyPage,
    /// The next page is elsewhere.
    NextAt(String),
}

/// A fault with its place and how often it happens.
struct Planned {
    method: &'static str,
    path: &'static str,
    skip: usize,
    times: usize,
    fault: Fault,
}

#[derive(Clone)]
pub struct Server {
    pub address: String,
    worlds: Arc<Mutex<Vec<World>>>,
    faults: Arc<Mutex<Vec<Planned>>>,
    /// Names that repositories had before.
    renamed: Arc<Mutex<BTreeMap<String, String>>>,
    /// `Authorization` headers that came, each once.
    pub tokens: Arc<Mutex<Vec<String>>>,
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, headers: Vec::new(), body: body.to_string() }
}

impl Server {
    pub fn new(worlds: Vec<World>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Server {
            address,
            worlds: Arc::new(Mutex::new(worlds)),
            faults: Arc::default(),
            renamed: Arc::default(),
            tokens: Arc::default(),
        };
        let ours = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ours = ours.clone();
                thread::spawn(move || ours.serve(stream));
            }
        });
        server
    }

    /// The first repository.
    pub fn world(&self) -> Guarded<'_> {
        Guarded(self.worlds.lock().unwrap_or_else(|poisoned| poisoned.into_inner()), 0)
    }

    /// Another repository.
    pub fn other(&self, at: usize) -> Guarded<'_> {
        Guarded(self.worlds.lock().unwrap_or_else(|poisoned| poisoned.into_inner()), at)
    }

    /// The next requests of that method, with that in their path, go wrong, after some that do not.
    pub fn fail(&self, method: &'static str, path: &'static str, skip: usize, times: usize, fault: Fault) {
        self.faults.lock().expect("faults").push(Planned { method, path, skip, times, fault });
    }

    pub fn heal(&self) {
        self.faults.lock().expect("faults").clear();
    }

    pub fn rename(&self, from: &str, to: &str) {
        self.renamed.lock().expect("names").insert(from.to_owned(), to.to_owned());
        self.world().name = to.to_owned();
    }

    fn fault(&self, request: &Request) -> Option<Fault> {
        let mut faults = self.faults.lock().expect("faults");
        for planned in faults.iter_mut() {
            if planned.times == 0 || planned.method != request.method || !request.target.contains(planned.path) {
                continue;
            }
            if planned.skip > 0 {
                planned.skip -= 1;
                continue;
            }
            planned.times -= 1;
            return Some(planned.fault.clone());
        }
        None
    }

    fn serve(&self, stream: TcpStream) {
        let (Ok(()), Ok(mut output)) = (stream.set_nodelay(true), stream.try_clone()) else { return };
        let mut input = BufReader::new(stream);
        while let Some(request) = read(&mut input) {
            let token = request.headers.get("authorization").cloned().unwrap_or_default();
            let mut tokens = self.tokens.lock().expect("tokens");
            if !tokens.contains(&token) {
                tokens.push(token.clone());
            }
            drop(tokens);
            let fault = self.fault(&request);
            let mut answer = match &fault {
                Some(Fault::CutBefore) => return,
                Some(Fault::Status(status, headers, body)) => {
                    self.log(&request);
                    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                    Reply { status: *status, headers, body: (*body).to_owned() }
                }
                Some(Fault::Body(body)) => {
                    self.log(&request);
                    Reply { status: 200, headers: Vec::new(), body: (*body).to_owned() }
                }
                _ if ![TOKEN, FINE].contains(&token.trim_start_matches("Bearer ")) => {
                    reply(401, &json!({"message": "Bad credentials"}))
                }
                _ => self.answer(&request),
            };
            match &fault {
                Some(Fault::CutAfter) => return,
                Some(Fault::EmptyPage) => answer.body = "[]".to_owned(),
                Some(Fault::NextAt(address)) => {
                    answer.headers.retain(|(name, _)| name != "Link");
                    answer.headers.push(("Link".to_owned(), format!("<{address}>; rel=\"next\"")));
                }
                _ => {}
            }
            let truncated = matches!(fault, Some(Fault::Truncated));
            let ahead = self.world().ahead;
            match send(&mut output, &request, &answer, truncated, ahead) {
                Ok(not_modified) => self.world().not_modified += usize::from(not_modified),
                Err(_) => return,
            }
            if truncated {
                return;
            }
        }
    }

    fn log(&self, request: &Request) {
        self.world().asked.push(format!("{} {}", request.method, request.target));
    }

    fn answer(&self, request: &Request) -> Reply {
        self.log(request);
        if request.path == "/graphql" {
            return self.graph(&request.body);
        }
        let not_found = || reply(404, &json!({"message": "Not Found"}));
        let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let (at, rest) = match parts[..] {
            [kind @ ("orgs" | "users"), _, "projectsV2", ref rest @ ..] => return self.board(kind, rest, request),
            ["repos", owner, name, ref rest @ ..] => {
                let full = format!("{owner}/{name}");
                if let Some(new) = self.renamed.lock().expect("names").get(&full) {
                    let id = self.world().id;
                    let rest: String = rest.iter().map(|part| format!("/{part}")).collect();
                    let to = format!("{}/repositories/{id}{rest}", self.address);
                    assert_ne!(*new, full);
                    let mut moved = reply(301, &json!({"message": "Moved Permanently"}));
                    moved.headers.push(("Location".to_owned(), to));
                    return moved;
                }
                let worlds = self.worlds.lock().expect("worlds");
                let Some(at) = worlds.iter().position(|world| world.name.eq_ignore_ascii_case(&full)) else {
                    return not_found();
                };
                (at, rest.to_vec())
            }
            ["repositories", id, ref rest @ ..] => {
                let worlds = self.worlds.lock().expect("worlds");
                let Some(at) = worlds.iter().position(|world| world.id.to_string() == id) else { return not_found() };
                (at, rest.to_vec())
            }
            _ => return not_found(),
        };
        let mut world = self.other(at);
        match (request.method.as_str(), &rest[..]) {
            ("GET", []) => reply(
                200,
                &json!({
                    "id": world.id, "full_name": world.name, "permissions": {"push": world.push},
                    "open_issues_count": world.open_count(),
                    "owner": {"type": if world.of_user { "User" } else { "Organization" }},
                }),
            ),
            ("GET", ["actions", "variables"]) => {
                let list: Vec<Value> =
                    world.variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
                reply(200, &json!({"total_count": list.len(), "variables": list}))
            }
            ("GET", ["labels"]) => {
                self.numbered(world.labels.iter().map(|name| json!({"name": name})).collect(), request)
            }
            ("POST", ["labels"]) => {
                let name = request.body["name"].as_str().unwrap_or_default().to_owned();
                world.effects.push(format!("label {name}"));
                world.labels.push(name);
                reply(201, &request.body)
            }
            ("GET", ["milestones"]) => {
                let list = world.milestones.iter().map(|(number, title)| json!({"number": number, "title": title}));
                reply(200, &list.collect())
            }
            ("GET", ["issues"]) => self.page(&world, request),
            ("POST", ["issues"]) => {
                let number = world.create(&request.body);
                reply(201, &world.shown(number, false))
            }
            (method, ["issues", number, rest @ ..]) => {
                let number: u64 = number.parse().unwrap_or(0);
                if world.transferred.contains(&number) {
                    let mut moved = reply(301, &json!({"message": "Moved Permanently"}));
                    moved.headers.push(("Location".to_owned(), format!("{}/repositories/9/issues/1", self.address)));
                    return moved;
                }
                if !world.issues.contains_key(&number) {
                    return not_found();
                }
                let labels = |world: &World| {
                    reply(200, &world.labels_of(number).iter().map(|name| json!({"name": name})).collect())
                };
                match (method, rest) {
                    ("GET", []) => reply(200, &world.shown(number, false)),
                    ("GET", ["timeline"]) => {
                        self.numbered(world.events.get(&number).cloned().unwrap_or_default(), request)
                    }
                    ("PATCH", []) => {
                        world.patch(number, &request.body);
                        reply(200, &world.issues[&number])
                    }
                    ("POST", ["labels"]) => {
                        let names = request.body["labels"].as_array().cloned().unwrap_or_default();
                        let names: Vec<String> =
                            names.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
                        world.add_labels(number, &names);
                        labels(&world)
                    }
                    ("DELETE", ["labels", name]) => {
                        if world.remove_label(number, name) {
                            labels(&world)
                        } else {
                            not_found()
                        }
                    }
                    _ => not_found(),
                }
            }
            _ => not_found(),
        }
    }

    fn page(&self, world: &World, request: &Request) -> Reply {
        let all = world.list(&request.query);
        let from = match request.query.get("after").and_then(|after| after.parse::<u64>().ok()) {
            Some(after) => all.iter().position(|number| *number == after).map_or(all.len(), |at| at + 1),
            None => 0,
        };
        let shown: Vec<u64> = all[from..].iter().take(100).copied().collect();
        let list: Vec<Value> = shown.iter().map(|number| world.shown(*number, true)).collect();
        let mut page = reply(200, &Value::Array(list));
        if from + shown.len() < all.len() {
            let mut query = request.query.clone();
            query.insert("after".to_owned(), shown.last().expect("a full page").to_string());
            let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let next = format!("{}/repositories/{}/issues?{}", self.address, world.id, query.join("&"));
            page.headers.push(("Link".to_owned(), format!("<{next}>; rel=\"next\"")));
        }
        page
    }

    /// A page of a list whose pages are numbered.
    fn numbered(&self, list: Vec<Value>, request: &Request) -> Reply {
        let at: usize = request.query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let shown: Vec<Value> = list.iter().skip((at - 1) * 100).take(100).cloned().collect();
        let mut page = reply(200, &Value::Array(shown));
        if list.len() > at * 100 {
            let mut query = request.query.clone();
            query.insert("page".to_owned(), (at + 1).to_string());
            let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let next = format!("{}{}?{}", self.address, request.path, query.join("&"));
            page.headers.push(("Link".to_owned(), format!("<{next}>; rel=\"next\"")));
        }
        page
    }

    /// The project over REST.
    fn board(&self, kind: &str, rest: &[&str], request: &Request) -> Reply {
        let mut world = self.world();
        let not_found = || reply(404, &json!({"message": "Not Found"}));
        if (kind == "users") != world.of_user {
            return not_found();
        }
        let project = |number: u64, state: &str| {
            json!({
                "id": number, "node_id": format!("PVT_{number}"), "number": number,
                "title": "Codex Dual-Track Development", "state": state,
            })
        };
        let card = |number: u64| {
            json!({
                "id": 1000 + number, "content_type": "Issue",
                "content": {"number": number, "node_id": format!("I_{}_{number}", world.id)},
            })
        };
        match (request.method.as_str(), rest) {
            ("GET", []) => self.numbered(vec![project(9, "closed"), project(7, "open")], request),
            ("GET", ["7"]) => reply(200, &project(7, "open")),
            ("GET", ["7", "items"]) => {
                let archived = request.query.contains_key("q");
                let cards = world.cards.iter().filter(|number| world.archived.contains(number) == archived);
                self.numbered(cards.map(|number| card(*number)).collect(), request)
            }
            ("GET", ["7", "items", id]) => match id.parse::<u64>().map(|id| id - 1000) {
                Ok(number) if world.cards.contains(&number) => reply(200, &card(number)),
                _ => not_found(),
            },
            ("POST", ["7", "items"]) => {
                let number = request.body["number"].as_u64().unwrap_or(0);
                let is_ours =
                    format!("{}/{}", request.body["owner"], request.body["repo"]).replace('"', "") == world.name;
                if !is_ours || request.body["type"] != "Issue" || !world.issues.contains_key(&number) {
                    return reply(422, &json!({"message": "Validation Failed"}));
                }
                let made = reply(201, &card(number));
                world.card(number);
                made
            }
            _ => not_found(),
        }
    }

    fn graph(&self, body: &Value) -> Reply {
        let (query, variables) = (body["query"].as_str().unwrap_or_default(), &body["variables"]);
        let mut worlds = self.worlds.lock().expect("worlds");
        // An id is `I_`, the repository's id, `_`, the number.
        let of_id = |id: &str| -> (u64, u64) {
            let (world, number) = id.trim_start_matches("I_").split_once('_').unwrap_or(("0", "0"));
            (world.parse().unwrap_or(0), number.parse().unwrap_or(0))
        };
        let cost = json!({"cost": 1});
        if query.contains("addProjectV2ItemById") {
            let mut data = json!({});
            let mut errors = Vec::new();
            for at in 0.. {
                let Some(id) = variables[format!("c{at}")].as_str() else { break };
                let (world, number) = of_id(id);
                let world = worlds.iter_mut().find(|one| one.id == world);
                if let Some(world) = world.filter(|one| one.issues.contains_key(&number)) {
                    world.card(number);
                    data[format!("a{at}")] = json!({"item": {"id": format!("PVTI_{number}")}});
                } else {
                    data[format!("a{at}")] = Value::Null;
                    errors.push(json!({"path": [format!("a{at}")], "message": "no such issue"}));
                }
            }
            return reply(200, &json!({"data": data, "errors": errors}));
        }
        if query.contains("nodes(ids") {
            let ids = variables["ids"].as_array().cloned().unwrap_or_default();
            let node = |id: &Value| {
                let (world, number) = of_id(id.as_str().unwrap_or_default());
                let is_in = worlds.iter().any(|one| one.id == world && one.cards.contains(&number));
                let items = if is_in { json!([{"project": {"id": "PVT_7"}}]) } else { json!([]) };
                json!({"id": id, "projectItems": {"nodes": items, "pageInfo": {"hasNextPage": false}}})
            };
            let nodes: Vec<Value> = ids.iter().map(node).collect();
            return reply(200, &json!({"data": {"rateLimit": cost, "nodes": nodes}}));
        }
        if query.contains("issues(first") {
            // GraphQL does not see the issues that the scanner is to find.
            let seen =
                worlds[0].issues.keys().filter(|number| !worlds[0].transferred.contains(number) && *number % 10 != 7);
            let nodes: Vec<Value> = seen.map(|number| json!({"number": number})).collect();
            let page = json!({"hasNextPage": false, "endCursor": "x"});
            return reply(200, &json!({"data": {"repository": {"issues": {"nodes": nodes, "pageInfo": page}}}}));
        }
        let project = |number: u64, closed: bool| {
            json!({
                "id": format!("PVT_{number}"), "number": number, "title": "Codex Dual-Track Development", "closed": closed,
            })
        };
        reply(
            200,
            &json!({"data": {"rateLimit": cost, "repositoryOwner": {"projectsV2": {"nodes": [
                project(9, true), project(7, false),
            ]}}}}),
        )
    }
}

/// A repository, locked.
pub struct Guarded<'a>(MutexGuard<'a, Vec<World>>, usize);

impl std::ops::Deref for Guarded<'_> {
    type Target = World;
    fn deref(&self) -> &World {
        &self.0[self.1]
    }
}

impl std::ops::DerefMut for Guarded<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.0[self.1]
    }
}
