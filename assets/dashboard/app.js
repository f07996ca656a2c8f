// Shows dashboard.json. Whatever stands in it is only ever set as text; nothing is loaded from elsewhere.
"use strict";

const SIX = ["supervisor", "cleaner", "selftest", "sync", "activity", "diagnostics"];
const MOST = 12;
const live = [];

// What is there, if it is of that kind.
const obj = (v) => (v !== null && typeof v === "object" && !Array.isArray(v) ? v : {});
const arr = (v) => (Array.isArray(v) ? v : []);
const num = (v) => (typeof v === "number" && Number.isFinite(v) ? v : null);
const str = (v) => (typeof v === "string" || typeof v === "number" ? String(v) : "");

// Characters that a text could use to look like another one are shown by their number.
const plain = (v) => str(v).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g,
  (c) => "\u27e8U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9").slice(0, 300);

function el(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  for (const one of inside.flat()) {
    if (one !== null && one !== undefined) made.append(one instanceof Node ? one : plain(one));
  }
  return made;
}

const hours = (time) => {
  const at = Date.parse(str(time));
  return Number.isNaN(at) ? null : (Date.now() - at) / 3600000;
};

function ago(h) {
  if (h === null) return "at an unknown time";
  if (h < -0.1) return "in the future: a clock is wrong";
  if (h < 1) return Math.max(0, Math.round(h * 60)) + " min ago";
  if (h < 48) return h.toFixed(1) + " h ago";
  return Math.round(h / 24) + " days ago";
}

// A text that follows the clock.
function clocked(node, tell) {
  const show = () => { node.textContent = tell(); };
  live.push(show);
  show();
  return node;
}

const isSilent = (time, cadence) => {
  const h = hours(time);
  return h === null || h > 2 * (cadence || 6) + 1;
};

const badge = (word, kind) => el("span", { class: "badge " + kind }, word);
const kindOf = { ok: "good", warning: "warn", skipped: "warn", error: "bad", aborted: "bad", degraded: "warn", unknown: "dim" };

function issueLink(number, repository) {
  const name = "#" + str(number);
  const fits = /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(str(repository)) && Number.isSafeInteger(number);
  return fits ? el("a", { href: "https://github.com/" + repository + "/issues/" + number, rel: "noreferrer" }, name) : el("span", {}, name);
}

function list(items, show) {
  const made = el("ul", {}, items.slice(0, MOST).map((item) => el("li", {}, show(item))));
  if (items.length > MOST) made.append(el("li", { class: "dim" }, "and " + (items.length - MOST) + " more in dashboard.json"));
  return made;
}

function bar(parts, label) {
  const all = parts.reduce((sum, part) => sum + part.count, 0);
  const made = el("div", { class: "bar", role: "img", "aria-label": label });
  for (const part of parts) {
    if (!part.count) continue;
    const piece = el("span", { class: part.kind });
    piece.style.width = (100 * part.count / all) + "%";
    made.append(piece);
  }
  return made;
}

function trackCard(name, data, repository) {
  const track = obj(obj(obj(data.supervisor).tracks)[name]);
  const judged = num(track.open) !== null;
  const issues = arr(obj(data.activity)[name]).map(obj).filter((issue) => num(issue.number) !== null);
  const limits = obj(obj(obj(data.activity).thresholds)[name]);
  const card = el("article", { class: "card" });
  const health = judged ? str(track.health) || "unknown" : "unknown";
  card.append(el("h3", {}, name === "main" ? "Main" : "Dashboard", " ", badge(judged ? health : "not judged", kindOf[health] || "dim")));
  if (!judged) card.append(el("p", { class: "note" }, "The supervisor has said nothing about this track."));
  else {
    const problems = Object.entries(obj(track.problems)).filter(([, count]) => num(count) > 0);
    card.append(el("p", {}, str(track.open) + " open, " + str(track.healthy) + " without a problem",
      track.milestone ? "; milestone " : "", track.milestone ? el("bdi", {}, track.milestone) : null));
    if (problems.length) card.append(el("ul", { class: "chips" }, problems.map(([what, count]) => el("li", {}, count + " " + what.replace(/_/g, " ")))));
    const trend = obj(track.trend);
    const moved = Object.entries(obj(trend.delta)).filter(([, by]) => num(by));
    if (moved.length) {
      card.append(el("p", { class: trend.deteriorated ? "worse" : "" }, (trend.deteriorated ? "\u25b2 worse" : "\u25bc better") + " than before: "
        + moved.map(([what, by]) => (by > 0 ? "+" : "") + by + " " + what.replace(/_/g, " ")).join(", ")));
    }
  }
  const count = (status) => issues.filter((issue) => issue.status === status).length;
  const parts = [["active", "active"], ["stale", "stale"], ["escalation", "escalated"], ["unknown", "not judged"]]
    .map(([status, word]) => ({ kind: status, word, count: count(status) }));
  const legend = parts.filter((part) => part.count).map((part) => part.count + " " + part.word).join(", ");
  if (issues.length) {
    card.append(bar(parts, "Freshness: " + legend));
    card.append(el("p", { class: "legend" }, parts.filter((part) => part.count).map((part) => el("span", {}, el("i", { class: part.kind, "aria-hidden": "true" }), part.count + " " + part.word))));
    const oldest = issues.filter((issue) => num(issue.age_days) !== null).sort((a, b) => b.age_days - a.age_days);
    const most = Math.max(1, num(limits.escalation_days) || 0, ...oldest.map((issue) => issue.age_days));
    const rows = el("ul", { class: "ages" });
    for (const issue of oldest.slice(0, MOST)) {
      const fill = el("span", { class: ["stale", "escalation", "unknown"].includes(issue.status) ? issue.status : "active" });
      fill.style.width = Math.max(1, 100 * issue.age_days / most) + "%";
      rows.append(el("li", {}, el("span", { class: "what" }, issueLink(issue.number, repository), " ", el("bdi", {}, issue.title || "")),
        el("span", { class: "days" }, issue.age_days + " d " + str(issue.status)), el("span", { class: "bar thin", "aria-hidden": "true" }, fill)));
    }
    card.append(el("h4", {}, "Longest without anybody"), rows);
    if (oldest.length > MOST) card.append(el("p", { class: "dim" }, "and " + (oldest.length - MOST) + " younger ones"));
    if (num(limits.stale_days) !== null) card.append(el("p", { class: "dim" }, "stale from " + limits.stale_days + " days, escalated from " + str(limits.escalation_days) + " days"));
  } else card.append(el("p", { class: "dim" }, "No issue of this track is listed."));
  return card;
}

// What a component says, in a few words.
function said(name, record) {
  const count = (key) => (Array.isArray(record[key]) ? record[key].length : null);
  switch (name) {
    case "supervisor": return record.tracks ? "judged both tracks" : "a record of an older tool";
    case "cleaner": {
      const closed = count("issues_closed") ?? num(record.deleted_count);
      return closed === null ? "a record of an older tool" : closed + " self-tests closed, " + (num(record.telemetry_pruned_count) || 0) + " files pruned";
    }
    case "selftest": return num(record.issue) === null ? "records no issue: nothing proves that it ran" : "created #" + record.issue + " and read it back";
    case "sync": return count("details") === null ? (count("items") || 0) + " issues listed by an older tool"
      : count("details") + " repaired, " + (count("deferred") || 0) + " deferred, " + (count("failed") || 0) + " failed, " + (num(record.scanned) || 0) + " seen";
    case "activity": return count("main") === null ? (count("issues") || 0) + " issues listed by an older tool" : count("main") + " main, " + count("dashboard") + " dashboard";
    default: {
      const bad = arr(record.checks).map(obj).filter((check) => check.ok === false).map((check) => str(check.name));
      const missing = arr(record.missing_labels).concat(arr(record.missing_variables)).map(str).filter(Boolean);
      if (bad.length) return "not right: " + bad.join(", ");
      if (missing.length) return "missing: " + missing.join(", ");
      return Array.isArray(record.checks) ? "all checks passed" : "nothing missing";
    }
  }
}

function partCard(name, data, meta) {
  const there = data[name] !== null && data[name] !== undefined;
  const record = obj(data[name]);
  const cadence = num(obj(meta.cadence_hours)[name]);
  const time = obj(meta.times)[name] || record.timestamp;
  const card = el("article", { class: "card" });
  const status = str(record.status);
  const heading = el("h3", {}, name, " ", there ? badge(status || "no status", kindOf[status] || "dim") : badge("never", "bad"));
  card.append(heading);
  if (there) {
    const silent = badge("", "bad");
    live.push(() => { silent.hidden = !isSilent(time, cadence); silent.textContent = "silent"; });
    heading.append(" ", silent);
    card.append(el("p", { class: "age" }, clocked(el("span", {}), () => ago(hours(time))), cadence === null ? "" : ", runs every " + cadence + " h"));
    card.append(el("p", {}, said(name, record)));
    for (const [kind, notes] of [["bad", arr(record.errors)], ["warn", arr(record.warnings)]]) {
      for (const note of notes.slice(0, MOST).map(obj)) card.append(el("p", { class: "note " + kind }, str(note.code) + ": ", el("bdi", {}, note.message)));
    }
    if (record.complete === false) card.append(el("p", { class: "note warn" }, "It did not see everything."));
    const api = obj(record.api);
    if (num(api.requests) !== null) {
      card.append(el("p", { class: "dim" }, api.requests + " requests, " + (num(api.writes) || 0) + " writes" + (num(api.remaining) === null ? "" : ", " + api.remaining + " left in the hour")));
    }
    const source = str(obj(meta.sources)[name]);
    if (source) card.append(el("p", { class: "dim file" }, source));
  } else card.append(el("p", {}, "It has never said anything."));
  return card;
}

function integrity(box, data, repository) {
  const found = obj(obj(data.sync).integrity);
  const malformed = arr(found.malformed).map(obj);
  if (num(found.scanned) === null) box.append(el("p", {}, "The scanner has not run yet."));
  else box.append(el("p", {}, found.scanned + " issues looked at, " + malformed.length + " of them malformed."));
  if (malformed.length) {
    box.append(list(malformed, (issue) => [num(issue.number) === null ? "an issue without number" : issueLink(issue.number, repository), " ", el("bdi", {}, issue.reason), " ", el("code", {}, issue.code)]));
  }
}

function silentOnes(data) {
  const meta = obj(data.meta);
  return SIX.filter((name) => isSilent(obj(meta.times)[name] || obj(data[name]).timestamp, num(obj(meta.cadence_hours)[name])));
}

// On a narrow screen each row becomes a block with the columns' names in it; the roles keep it a table for those who listen.
function federation(box, repos) {
  const columns = ["Repository", "Last record", "Main", "Dashboard", "Silent", "Malformed"];
  const rows = Object.entries(repos).map(([name, value]) => {
    const data = obj(value);
    const meta = obj(data.meta);
    const health = (track) => str(obj(obj(obj(data.supervisor).tracks)[track]).health) || "not judged";
    const verdict = (track) => badge(health(track), kindOf[health(track)] || "dim");
    const silent = clocked(el("span", {}), () => silentOnes(data).join(", ") || "none");
    const cells = [clocked(el("span", {}), () => ago(hours(meta.generated_at))), verdict("main"), verdict("dashboard"), silent,
      String(arr(obj(obj(data.sync).integrity).malformed).length)];
    return el("tr", { role: "row" }, el("th", { scope: "row", role: "rowheader" }, el("bdi", {}, name)),
      cells.map((cell, at) => el("td", { role: "cell", "data-column": columns[at + 1] }, cell)));
  });
  const head = columns.map((text) => el("th", { scope: "col", role: "columnheader" }, text));
  box.append(el("table", { role: "table" }, el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)), el("tbody", { role: "rowgroup" }, rows)));
}

function show(data) {
  const by = (id) => document.getElementById(id);
  const meta = obj(data.meta);
  const repository = SIX.map((name) => str(obj(data[name]).repository)).find(Boolean) || "";
  if (repository) by("title").replaceChildren(el("bdi", {}, repository));
  clocked(by("asof"), () => (meta.generated_at ? "The newest record was made " + ago(hours(meta.generated_at)) + " (" + plain(meta.generated_at) + ")." : "There is no telemetry yet."));
  const alarms = by("alarms");
  const tell = () => {
    const silent = silentOnes(data);
    const never = silent.filter((name) => !data[name]);
    const late = silent.filter((name) => data[name]);
    const line = (names, one, more) => el("li", {}, el("strong", {}, names.join(", ")), names.length === 1 ? one : more);
    alarms.hidden = !silent.length;
    alarms.querySelector("ul").replaceChildren(
      ...(late.length ? [line(late, " is silent: it should have said something since.", " are silent: they should have said something since.")] : []),
      ...(never.length ? [line(never, " has never said anything.", " have never said anything.")] : []));
  };
  live.push(tell);
  tell();
  for (const name of ["main", "dashboard"]) by("tracks").append(trackCard(name, data, repository));
  for (const name of SIX) by("parts").append(partCard(name, data, meta));
  integrity(by("integrity"), data, repository);
  const sync = obj(data.sync);
  const left = arr(sync.deferred).map((number) => [issueLink(number, repository), " waits for the next run"])
    .concat(arr(sync.failed).map(obj).map((issue) => [issueLink(issue.number, repository), " could not be repaired: ", el("bdi", {}, issue.error)]))
    .concat(arr(obj(data.supervisor).untracked).map((number) => [issueLink(number, repository), " is on no track"]));
  if (left.length) {
    by("left").hidden = false;
    by("left").querySelector("ul").replaceWith(list(left, (line) => line));
  }
  const repos = obj(data.repos);
  if (Object.keys(repos).length) {
    by("repos").hidden = false;
    federation(by("repos").querySelector("div"), repos);
  }
  const skipped = arr(meta.skipped).map(obj);
  if (skipped.length) {
    by("skipped").hidden = false;
    by("skipped").querySelector("div").append(list(skipped, (one) => [el("code", {}, str(one.file) + (num(one.line) === null ? "" : ":" + one.line)), " ", el("bdi", {}, one.why)]));
  }
  for (const refresh of live) refresh();
  by("content").hidden = false;
}

function fail(what, why) {
  document.getElementById("asof").textContent = "There is nothing to show.";
  document.getElementById("problem").replaceChildren(el("div", { class: "note bad" }, el("strong", {}, what), el("p", {}, why)));
}

async function start() {
  let text;
  try {
    const answer = await fetch("dashboard.json", { cache: "no-cache" });
    if (!answer.ok) return fail("dashboard.json is not there.", "The server answered " + answer.status + ". It is written by: codex-tui track merge");
    text = await answer.text();
  } catch (error) {
    return fail("dashboard.json cannot be loaded.", location.protocol === "file:" ? "A browser does not let a page on a disk read files. Serve this folder, for example with: python3 -m http.server" : String(error.message));
  }
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return fail("dashboard.json is damaged.", String(error.message) + ". codex-tui track merge makes it anew from the telemetry.");
  }
  if (!SIX.some((name) => name in obj(data))) return fail("dashboard.json is not of this form.", "None of its keys is one of the six components; an older tool may have written it. codex-tui track merge makes it anew from the telemetry.");
  show(data);
  setInterval(() => live.forEach((refresh) => refresh()), 60000);
}

start();
