#!/usr/bin/env python3
"""Measures the release binary in a real terminal against the speed goals, in turn with floors and with other programs.

    benches/terminal.py --kit DIR --workspace DIR [--logs DIR] [options]

DIR of --kit holds the measuring programs (ttybench.py, side_by_side.py, gen_board.py, gen_telemetry.py, floors/); --workspace
a real workspace with a CSV board; --logs telemetry that is put beside it. Both are copied, nothing is written into them. Floors
are built and data is made once, in --work; results stay there too, so that `--report` prints the table again.

    --binary FILE    what is measured (target/release/codex-tui)      --work DIR     where to work (a folder for temporary files)
    --peers DIR      folder of other programs, before $PATH           --tracks DIR   a workspace with pipeline telemetry
    --rounds N (3)   --only REGEX  names of measurements, for some    --list         print the names and stop
    --report         only print the table of what was measured        --prio rr      real-time scheduling (root; for all alike)

Compare figures of one run only: on a shared machine absolute times drift. A line says `no figure` where something was not
measured (a peer that is not installed, a floor that could not be built)."""
import argparse, csv, glob, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--kit", required=True); p.add_argument("--workspace", required=True); p.add_argument("--logs"); p.add_argument("--tracks")
p.add_argument("--board", default="docs/taskboard/TaskBoard.csv", help="the CSV board, relative to the workspace")
p.add_argument("--binary", default=os.path.join(HERE, "..", "target", "release", "codex-tui")); p.add_argument("--peers", default="")
p.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "codex-tui-terminal")); p.add_argument("--prio", default="normal")
p.add_argument("--rounds", type=int, default=3); p.add_argument("--only", default="."); p.add_argument("--list", action="store_true")
p.add_argument("--report", action="store_true")
o = p.parse_args()
KIT, WORK, BIN = os.path.abspath(o.kit), os.path.abspath(o.work), os.path.abspath(o.binary)
RES, CUSTOM = os.path.join(WORK, "results"), os.path.join(WORK, "custom")
sys.path.insert(0, KIT)
import ttybench                                             # noqa: E402  (the kit)

def at(*parts): return os.path.join(WORK, *parts)
def peer(name):
    found = shutil.which(name, path=os.path.abspath(o.peers) if o.peers else None) or (o.peers and shutil.which(name))
    return found or None
def say(*words): print(*words, file=sys.stderr, flush=True)
def once(path, make):
    """Makes a file or folder unless it is there; a half-made one is never taken for whole."""
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        part = path + ".part"
        shutil.rmtree(part, ignore_errors=True)
        say("making", os.path.relpath(path, WORK)); make(part); os.rename(part, path)
    return path
def copy(*sources):
    def make(to):
        for source in sources: shutil.copytree(source, to, dirs_exist_ok=True)
        for folder, folders, files in os.walk(to):
            for name in folders + files: os.chmod(os.path.join(folder, name), 0o755 if name in folders else 0o644)
        os.chmod(to, 0o755)
    return make
OUTSIDE = dict(os.environ)                                    # for compilers: what is measured has a home of its own
def run(*command): subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=OUTSIDE)

# ---- what is measured on -------------------------------------------------------------------------------------------------
def floor(name):
    """The binary of a floor, built once; none where that is not possible here."""
    try:
        if name == "floors":
            return once(at("floors"), lambda to: run("cc", "-O2", "-pthread", "-w", "-o", to, KIT + "/floors/floors.c"))
        built = at("floor-target", "release", {"stack": "stackfloor", "gate": "gatefloor"}[name])
        if not os.path.exists(built):
            say("building the floor", name)
            source = once(at("floor-src", name), copy(KIT + "/floors/" + name))
            run("cargo", "build", "--release", "--quiet", "--manifest-path", source + "/Cargo.toml", "--target-dir", at("floor-target"))
        return built
    except (OSError, subprocess.CalledProcessError) as error:
        say("no floor", name, error); return None

REAL = at("real"); FULL = at("full"); BOARD_ONLY = at("board-only"); BIG = at("rows100k")
def prepare():
    once(REAL, copy(o.workspace))
    once(FULL, copy(o.workspace, *([o.logs] if o.logs else [])))
    def only(to):
        os.makedirs(os.path.dirname(os.path.join(to, o.board))); shutil.copyfile(os.path.join(o.workspace, o.board), os.path.join(to, o.board))
    once(BOARD_ONLY, only)
    def big(to):
        os.makedirs(to + "/docs/taskboard"); run(sys.executable, KIT + "/gen_board.py", "--rows", "100000", "--out", to + "/docs/taskboard/TaskBoard.csv")
    once(BIG, big)
    once(at("follow.log"), lambda to: open(to, "w").write("".join("a line before seq=%08d y\n" % 0 for _ in range(60))))
prepare()
with open(os.path.join(REAL, o.board), encoding="utf-8-sig", newline="") as f: ROWS = [r for r in csv.reader(f) if r][1:]
FIRST = ROWS[0][0]                                            # the id that means: the board is there
RAW = open(os.path.join(REAL, o.board), encoding="utf-8-sig").read()
FIND = r'(%s"?,"?)\w+' % re.escape(FIRST)                      # the first word of its title
MARKDOWN = max(glob.glob(REAL + "/**/*.md", recursive=True), key=os.path.getsize)
LOG = sorted(glob.glob(REAL + "/docs/agents/sessions/*.md"))[-1:]
HEADING = next((l.lstrip("# ").strip() for l in open(MARKDOWN, encoding="utf-8", errors="replace") if l.startswith("# ")), "#")
STATE = at("state"); ENV = {"XDG_STATE_HOME": STATE, "HOME": at("home")}
os.makedirs(STATE, exist_ok=True); os.makedirs(ENV["HOME"], exist_ok=True); os.environ.update(ENV)
os.environ.pop("CODEX_TUI_ROOT", None)

def rows_with_q():
    """How many of the 100,000 rows have a q: the most work that the first letter of a filter can be."""
    return int(open(once(at("rows100k.q"), lambda to: open(to, "w").write(str(sum("q" in "\x1f".join(r).lower() for r in csv.reader(open(BIG + "/docs/taskboard/TaskBoard.csv", newline=""))))))).read())

# ---- measurements by ttybench, in turn -----------------------------------------------------------------------------------------
def ours(root, *more): return [BIN, "--root", root, *more]
ALL = ["--runs", "10", "--idle", "10", "--resize", "10", "--burst", "hold:Down*60", "--signals", "TERM,HUP,INT", "--hangup"]
def keys(down="Down", up="Up", page="PageDown", back="PageUp"):
    steps = lambda a, b, n: ",".join(["%s*%d,%s*%d" % (a, n, b, n)] * (35 // n))
    return ["--keys", "down=" + steps(down, up, 5), "--keys", "page=" + steps(page, back, 4)]
VIEWS = {"checklist": "1", "board": "2", "kanban": "2,v", "timeline": "3", "gates": "4", "log": "5", "backlog": "6", "sync": "7",
         "docs": "8", "page": "8,Enter", "history": "9", "prompt": "0", "tracks": "T"}
def cells():
    c, prio = [], (["--prio", "rr"] if o.prio == "rr" else [])
    def add(work, name, command, *args):
        if command and all(command): c.append((work, name, [*prio, *args, "--", *command]))
    board, fl, st = os.path.join(REAL, o.board), floor("floors"), floor("stack")
    ready = ["--ready", FIRST]
    add("board", "echo", [fl, "echo"], "--ready", "READY", "--runs", "10", *keys("j", "k", "j", "k"))
    add("board", "stack", [st, board], *ready, *ALL, *keys())
    add("board", "ours", ours(REAL), *ready, *ALL, *keys(), "--setup", "2", "--panic-env", "CODEX_TUI_TEST_PANIC=1", "--panic-keys", "j")
    add("board", "csvlens", [peer("csvlens"), board], *ready, *ALL, *keys())
    add("board", "less", [peer("less"), "-S", board], *ready, *ALL, *keys("j", "k"))
    add("board", "vim", [peer("vim"), "-u", "NONE", "-n", "-R", "--cmd", "set nowrap nocp", board], *ready, *ALL[:6], *keys(), "--quit", "text::q!,Enter")
    for name, command in (("ours", ours(REAL)), ("csvlens", [peer("csvlens"), board])):
        add("mute", name, command, *ready, "--term-profile", "mute", "--runs", "5")
    tracks = ours(o.tracks and once(at("tracks"), copy(o.tracks)) or REAL)
    for view, setup in VIEWS.items():
        root = tracks if view == "tracks" else ours(FULL)
        add("view-" + view, "ours", root, "--ready-re", r"\? help", "--runs", "1", "--setup", setup, "--idle", "10", "--key-timeout", "300", *keys())
    add("board-only", "ours", ours(BOARD_ONLY), *ready, "--runs", "1", "--idle", "2", "--idle-last")
    add("full", "ours", ours(FULL), *ready, "--runs", "5", "--setup", "4", "--idle", "3", "--idle-last")
    big = BIG + "/docs/taskboard/TaskBoard.csv"
    quick = ["--runs", "3", "--ready", "000001"]
    add("rows100k", "stack", [st, big], *quick, *keys(), "--action", "all:G=>-100000", "--action", "filter:/,text:quokka,Enter=>/1018")
    add("rows100k", "ours", ours(BIG), *quick, *keys(), "--setup", "2", "--action", "all:G=>-100000", "--keys", "type=/,q,u,o,k,k,a,Esc,Esc", "--action", "filter:/,q=> %d of 100000" % rows_with_q())
    add("rows100k", "csvlens", [peer("csvlens"), big], *quick, *keys(), "--action", "all:G=>-100000", "--setup", "g", "--action", "filter:&,text:quokka,Enter=>-000216")
    add("rows100k", "less", [peer("less"), "-S", big], *quick, *keys(), "--action", "all:G=>-100000", "--action", "filter:g,&,text:quokka,Enter=>-000216")
    add("rows100k-all", "ours", ours(BIG), "--ready-re", r"100.?000", "--runs", "5")
    stem = os.path.basename(MARKDOWN)
    open_it = "8,/,%s,Enter" % ",".join(stem[:-3].replace(",", ""))
    add("markdown", "ours", ours(REAL), *ready, "--runs", "2", "--action", "open:%s,Enter=>%s" % (open_it, HEADING[:30]), *keys("j", "k"))
    add("markdown", "mdterm", [peer("mdterm"), MARKDOWN], "--ready", HEADING[:20], "--runs", "5", *keys("j", "k"))
    add("markdown", "less", [peer("less"), MARKDOWN], "--ready", HEADING[:20], "--runs", "5", *keys("j", "k"))
    change = ["--touch-count", "60", "--runs", "1", "--warmup", "0"]
    edit = ["--touch-find", FIND, "--touch-sub", r"\g<1>{tok}"]
    for mode in ("rename", "rewrite"):
        live = at("live"); once(live, copy(o.workspace)); file = os.path.join(live, o.board); plain = at("t.csv")
        for name, command, target in (("stack", [st, plain], plain), ("ours", ours(live), file), ("csvlens", [peer("csvlens"), "--auto-reload", plain], plain)):
            add("change-" + mode, name, command, *ready, "--copy", board + "=" + target, "--touch", target, "--touch-mode", mode, *edit, *change)
    if LOG:
        log = LOG[0].replace(REAL, at("live"))
        add("change-append", "ours", ours(at("live")), *ready, "--copy", LOG[0] + "=" + log, "--touch", log, "--touch-mode", "append", "--touch-template", "- {tok}", *change)
    add("change-append", "inotify", [fl, "tail", at("t.log")], "--ready", "READY", "--copy", at("follow.log") + "=" + at("t.log"), "--touch", at("t.log"), "--touch-mode", "append", *change)
    for rate, secs in ((1, 12), (100, 6), (10000, 4)):
        work, plain = "follow-%d" % rate, at("t.log")
        how = ["--rate", str(rate), "--follow-secs", str(secs), "--runs", "1", "--warmup", "0"]
        file = ["--copy", at("follow.log") + "=" + plain, "--follow", plain, *how]
        add(work, "copy", [fl, "follow", plain], "--ready", "READY", *file)
        add(work, "tail", [peer("tail"), "-n5", "-f", plain], "--ready", "seq=", *file, "--quit", "C-c")
        add(work, "less", [peer("less"), "+F", plain], "--ready", "seq=", *file, "--quit", "C-c,q")
        if LOG:
            log = LOG[0].replace(REAL, at("live"))
            add(work, "ours", ours(at("live")), *ready, "--copy", at("follow.log") + "=" + log, "--follow", log, *how)
    return c

# ---- measurements of our own, with the kit's terminal ---------------------------------------------------------------------------
def terminal(command, ready, unsettled=False):
    """The command in a terminal of 120x40, waited for until `ready` (a regex) is on the screen, and then until all is quiet."""
    options = ttybench.parser().parse_args(["--", *command]); options.cols, options.rows, options.command = 120, 40, command
    t = ttybench.Tty(options)
    if not wait(t, ready): t.close(); raise RuntimeError("never ready: " + " ".join(command))
    if not unsettled: t.quiet(300, 3)
    return t
def wait(t, regex, seconds=5):
    rx = re.compile(regex); return t.until(lambda s: rx.search(s.text()) is not None, seconds)
def press(t, *names):
    for name in names: t.send(ttybench.key_bytes(name, t.sync()))

def first_frame_key():
    """A key sent in the moment in which the first complete frame has been read: is it acted on?"""
    acted = 0
    for _ in range(20):
        t = terminal(ours(REAL), re.escape(FIRST), unsettled=True); press(t, "?")
        acted += wait(t, "─ Keys ─", 1) is not None
        t.close()
    return {"acted": acted, "of": 20}
def half_written():
    """A save in two halves, 30 ms apart: which numbers of tasks were on the screen, and how late is the right board?"""
    root = once(at("half"), copy(o.workspace)); file = os.path.join(root, o.board); text = open(os.path.join(REAL, o.board), "rb").read()
    shutil.copyfile(os.path.join(REAL, o.board), file)
    t = terminal(ours(root), re.escape(FIRST)); count = re.compile(r"Board · (\d+)")
    right = count.search(t.sync().text()); wrong, late = set(), []
    for n in range(20):
        new = re.sub(FIND.encode(), lambda m: m.group(1) + b"H%04dQ" % n, text, count=1)
        start = len(t.chunks)
        with open(file, "wb") as f:
            f.write(new[:len(new) // 2]); f.flush(); end = ttybench.now() + 30_000_000
            while ttybench.now() < end: t.pump(2)
            f.write(new[len(new) // 2:]); f.flush(); last = ttybench.now()
        seen = []
        def look(s):
            found = count.search(s.text()); seen.append(found and found.group(1)); return "H%04dQ" % n in s.text() and found and right and found.group(1) == right.group(1)
        shown = t.until(look, 5)
        wrong |= {x for x in seen if x and right and x != right.group(1)}
        late.append((shown - last) / 1e6 if shown else None)
    t.close()
    return {"wrong_boards": sorted(wrong), "late_ms": ttybench.stats(late), "missed": late.count(None), "raw": late}
def tick():
    """Space on a step: the mark is painted only when it is durable."""
    t = terminal(ours(once(at("ticks"), copy(o.workspace))), re.escape(FIRST)); press(t, "1", "."); t.quiet(100, 2)
    done = re.compile(r"(\d+)/\d+"); took = []
    for _ in range(20):
        before = done.search(t.sync().text()).group(1); t.quiet(60, 1); t0 = ttybench.now(); press(t, "Space")
        shown = t.until(lambda s: (m := done.search(s.text())) is not None and m.group(1) != before, 3)
        if shown: took.append((shown - t0) / 1e6)
    t.close(); durable = None
    if floor("floors"):
        out = subprocess.run([floor("floors"), "fsync", at("ticks"), "100"], capture_output=True, text=True).stdout
        durable = next((json.loads(l)["median"] / 1e3 for l in out.splitlines() if '"whole: ' in l), None)
    return {"ms": ttybench.stats(took), "floor_ms": durable}
def measured(command, files=()):
    """Wall, CPU (ms) and peak memory (MB) of a whole process tree."""
    t0 = time.monotonic(); q = subprocess.Popen([*command, *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, use = os.wait4(q.pid, 0); q.returncode = status
    return {"wall": (time.monotonic() - t0) * 1e3, "cpu": (use.ru_utime + use.ru_stime) * 1e3, "peak": use.ru_maxrss / 1024}
def peak(command, files=()):
    """Peak memory (MB) alone: what this process uses itself counts for its children, so a small one starts them."""
    out = at("peak")
    try: subprocess.run(["time", "-f", "%M", "-o", out, *command, *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError: return None
    return int(open(out).read().split()[-1]) / 1024
def telemetry(root):
    return sorted(f for f in glob.glob(root + "/Logs/IngestionMetrics/*.json") if os.path.getsize(f))
def gates(root, rounds):
    """Programs in turn over the same telemetry, page cache warm."""
    files = telemetry(root)
    if not files: return {}
    programs = {"ours": (ours(root, "gates", "--json"), ())}
    if floor("floors"): programs["scan"] = ([floor("floors"), "scan"], files)
    if floor("gate"): programs["prefilter"] = ([floor("gate"), "prefilter", "2"], files)
    if subprocess.run([sys.executable, "-c", "import duckdb"], capture_output=True, env=dict(os.environ, **({"PYTHONPATH": o.peers} if o.peers else {}))).returncode == 0:
        if o.peers: os.environ["PYTHONPATH"] = os.path.abspath(o.peers)
        programs["duckdb"] = ([sys.executable, KIT + "/gates/gates_duckdb.py"], files)
    for f in files:
        with open(f, "rb") as h:
            while h.read(1 << 22): pass
    got = {name: [] for name in programs}
    for _ in range(rounds + 1):
        for name, (command, arguments) in programs.items(): got[name].append(measured(command, arguments))
    peaks = {name: peak(command, arguments) for name, (command, arguments) in programs.items()}
    return {name: {k: statistics.median(x[k] for x in all_[1:]) if k != "peak" else peaks[name] or max(x[k] for x in all_) for k in ("wall", "cpu", "peak")} for name, all_ in got.items()}
def gates_cold(): return gates(FULL, 10)
def gigabyte():
    def make(to):
        copy(o.workspace)(to); os.makedirs(to + "/Logs/IngestionMetrics", exist_ok=True)
        run(sys.executable, KIT + "/gen_telemetry.py", "--bytes", "1000000000", "--out", to + "/Logs/IngestionMetrics/2026-01-02.json")
    return once(at("gigabyte"), make)
def gates_1gb(): return gates(gigabyte(), 3)
def gates_1gb_keys():
    """Keys while a gigabyte is being judged."""
    t = terminal(ours(gigabyte()), re.escape(FIRST)); press(t, "2"); took = []
    for n in range(60):
        t.pump(15); i = len(t.chunks); t0 = ttybench.now(); press(t, "Down" if n % 10 < 5 else "Up"); b = t.burst(8, 300, i)
        if b: took.append((b[0] - t0) / 1e6)
    t.close(); return {"ms": ttybench.stats(took)}
def gates_append():
    """In-process: `cargo bench --bench gates` on the workspace with its logs, and beside a gigabyte."""
    out = subprocess.run(["cargo", "bench", "--bench", "gates", "--", FULL, gigabyte() + "/Logs/IngestionMetrics/2026-01-02.json"], cwd=os.path.join(HERE, ".."), env=OUTSIDE, capture_output=True, text=True).stdout
    value = lambda text, unit: float(text) * {"µs": 1e-3, "ms": 1, "s": 1e3}[unit]
    return {m.group(1): value(m.group(2), m.group(3)) for m in re.finditer(r"^(.*): one line appended +median +([\d.]+)(µs|ms|s)", out, re.M)}
OWN = {"first-frame-key": first_frame_key, "half-written": half_written, "tick": tick, "gates-cold": gates_cold, "gates-1gb": gates_1gb,
       "gates-1gb-keys": gates_1gb_keys, "gates-append": gates_append}

# ---- the table -----------------------------------------------------------------------------------------------------------------
def results(work, name):
    found = []
    for file in sorted(glob.glob("%s/%s.%s.r*.json" % (RES, work, name))):
        with open(file) as f: found.append(json.load(f))
    return found
def custom(name):
    try:
        with open(os.path.join(CUSTOM, name + ".json")) as f: return json.load(f)
    except OSError: return {}
def pick(rounds, *path):
    for r in rounds:
        for step in path:
            r = r.get(step) if isinstance(r, dict) else (r[step] if isinstance(r, list) and isinstance(step, int) and len(r) > step else None)
        if r is not None: yield r
def median(work, name, *path):
    values = list(pick(results(work, name), *path)); return statistics.median(values) if values else None
def pooled(work, name, which, stat, raw="raw_paint_ms"):
    values = [v for list_ in pick(results(work, name), "keys", which, raw) for v in list_]
    return ttybench.stats(values)[stat] if values else None
def most(*values): values = [v for v in values if v is not None]; return max(values) if values else None
def times(factor, value): return None if value is None else factor * value
def shown(value, unit): return "no figure" if value is None else ("%.0f" if abs(value) >= 100 or unit in ("B", "%") else "%.2f" if abs(value) < 10 else "%.1f") % value + " " + unit
ROWS_OUT = []
def row(what, goal, figure, unit, limit, floor_=None, peer_=None):
    """`limit` is the largest value that keeps the goal; none where a floor or peer that it comes from has no figure."""
    verdict = "no figure" if figure is None else "not judged" if limit is None else "met" if figure <= limit else "MISSED"
    ROWS_OUT.append((what, goal, shown(figure, unit), "-" if floor_ is None else shown(floor_, unit), "-" if peer_ is None else peer_ if isinstance(peer_, str) else shown(peer_, unit), verdict))
def best(work, *path, names=("csvlens", "less", "vim", "mdterm", "tail")):
    found = [(median(work, n, *path), n) for n in names]; found = [f for f in found if f[0] is not None]
    return ", ".join("%s %s" % (n, shown(v, "").strip()) for v, n in sorted(found)[:3]) or None
def table():
    start = lambda n: median("board", n, "startup", "ready_ms", "median")
    row("start to board, real workspace", "<= 2x stack", start("ours"), "ms", times(2, start("stack")), start("stack"), best("board", "startup", "ready_ms", "median"))
    mute = lambda n: median("mute", n, "startup", "ready_ms", "median")
    row("the same on a mute terminal", "<= 1.1x answered", mute("ours"), "ms", times(1.1, start("ours")), start("ours"), mute("csvlens"))
    first = custom("first-frame-key")
    row("key at the first complete frame", "100 % acted on", first and 100 - 100 * first["acted"] / first["of"], "% lost", 0)
    stack_key, echo99 = pooled("board", "stack", "down", "median"), pooled("board", "echo", "down", "p99")
    for view in ["board", *("view-" + v for v in VIEWS)]:
        m, p99 = pooled(view, "ours", "down", "median"), pooled(view, "ours", "down", "p99")
        if m is None: continue
        row("key to painted, " + view.replace("view-", ""), "<= 1.2x stack", m, "ms", times(1.2, stack_key), stack_key, pooled("board", "csvlens", "down", "median"))
        row("... p99", "<= echo p99 + 2 ms", p99, "ms", echo99 and echo99 + 2, echo99)
    bytes_ = lambda n, w="board": median(w, n, "keys", "down", "bytes", "median")
    row("bytes per cursor key", "<= 1.5x stack", bytes_("ours"), "B", times(1.5, bytes_("stack")), bytes_("stack"), best("board", "keys", "down", "bytes", "median"))
    hold = lambda n, k: median("board", n, "bursts", "hold", 0, k)
    row("60 keys in one write", "<= 3x one key", hold("ours", "ms"), "ms", times(3, pooled("board", "ours", "down", "median")), hold("stack", "ms"), hold("csvlens", "ms"))
    for what, key, unit in (("wakeups", "wakeups", ""), ("bytes", "bytes", "B"), ("CPU", "cpu_ms", "ms")):
        worst = most(*(v for w in ["board", *("view-" + v for v in VIEWS)] for v in pick(results(w, "ours"), "idle", key)))
        row("idle 10 s, worst view: " + what, "0", worst, unit, 0.05 if unit == "ms" else 0, median("board", "stack", "idle", key), best("board", "idle", key))
    pss = lambda w, n: times(1 / 1024, median(w, n, "memory_at_end", "pss_kb"))
    row("memory, board only", "<= 5 MB", pss("board-only", "ours"), "MB", 5, pss("board", "stack"), pss("board", "csvlens"))
    row("memory, full real workspace, gates judged", "<= 16 MB", pss("full", "ours"), "MB", 16)
    ready = lambda n: median("rows100k", n, "startup", "ready_ms", "median")
    row("100,000 rows: first row", "<= 4x the small board", ready("ours"), "ms", times(4, start("ours")), start("ours"), best("rows100k", "startup", "ready_ms", "median"))
    row("100,000 rows: complete count", "<= 1x stack", median("rows100k-all", "ours", "startup", "ready_ms", "median"), "ms", ready("stack"), ready("stack"))
    act = lambda n, a, w="rows100k": median(w, n, "actions", a, "ms", "median")
    row("100,000 rows: filter all columns", "<= 50 ms", act("ours", "filter"), "ms", 50, act("stack", "filter"), best("rows100k", "actions", "filter", "ms", "median"))
    row("... letters painted meanwhile", "<= 1.2x stack key", pooled("rows100k", "ours", "type", "median", "raw_first_ms"), "ms", times(1.2, stack_key), stack_key)
    peak = lambda n: times(1 / 1024, median("rows100k", n, "memory_at_end", "hwm_kb"))
    row("100,000 rows: peak RSS", "<= 1.3x the file", peak("ours"), "MB", 1.3 * os.path.getsize(BIG + "/docs/taskboard/TaskBoard.csv") / 2**20, peak("stack"), peak("csvlens"))
    md = lambda n: median("markdown", n, "startup", "ready_ms", "median"); mk = lambda n: pooled("markdown", n, "down", "median")
    row("Markdown of %d KB: open" % (os.path.getsize(MARKDOWN) // 1000), "<= 0.5x mdterm, 12.7 ms", median("markdown", "ours", "actions", "open", "ms", "median"), "ms", times(.5, md("mdterm")) or 12.7, None, best("markdown", "startup", "ready_ms", "median"))
    row("... key", "<= 0.65x mdterm", mk("ours"), "ms", times(.65, mk("mdterm")), None, mk("less"))
    row("... bytes per key", "<= 0.1x mdterm, 2526 B", bytes_("ours", "markdown"), "B", times(.1, bytes_("mdterm", "markdown")) or 2526, None, bytes_("less", "markdown"))
    for mode in ("rename", "rewrite", "append"):
        of = lambda n: median("change-" + mode, n, "touch", "ms", "median")
        base = of("stack") if mode != "append" else median("change-rename", "stack", "touch", "ms", "median")
        missed = sum(pick(results("change-" + mode, "ours"), "touch", "missed"))
        row("file change to screen, " + mode + (", %d missed" % missed if missed else ""), "<= 1.5x stack", of("ours"), "ms", times(1.5, base), base, of("csvlens"))
    half = custom("half-written")
    row("half-written file: wrong boards shown", "0", half and len(half["wrong_boards"]) + half["missed"], "", 0)
    row("... right one after the last write, worst", "<= 20 ms", half and (half["late_ms"] or {}).get("max"), "ms", 20)
    for rate in (1, 100, 10000):
        of = lambda n, *k: median("follow-%d" % rate, n, "follow", 0, *k)
        if rate < 10000:
            row("follow %d lines/s" % rate, "<= 1.2x less", of("ours", "lag_ms", "median"), "ms", times(1.2, of("less", "lag_ms", "median")), of("copy", "lag_ms", "median"), of("less", "lag_ms", "median"))
            row("... wakeups per line", "<= 3", times(1 / rate, of("ours", "wakeups_per_s")), "", 3, times(1 / rate, of("copy", "wakeups_per_s")), times(1 / rate, of("less", "wakeups_per_s")))
        else:
            row("follow 10,000 lines/s: p99 lag", "<= 17 ms + floor p99", of("ours", "lag_ms", "p99"), "ms", (of("copy", "lag_ms", "p99") or 0) + 17, of("copy", "lag_ms", "p99"), of("less", "lag_ms", "p99"))
            row("... CPU", "<= 1.5x less", of("ours", "cpu_pct"), "%", times(1.5, of("less", "cpu_pct")), of("copy", "cpu_pct"), of("less", "cpu_pct"))
            row("... bytes", "<= 0.5x tail", of("ours", "bytes_out"), "B", times(.5, of("tail", "bytes_out")), of("copy", "bytes_out"), of("tail", "bytes_out"))
            row("... lines lost", "0", of("ours", "never_shown"), "", 0, of("copy", "never_shown"), of("less", "never_shown"))
    for name, work in (("telemetry of the workspace", "gates-cold"), ("1 GB", "gates-1gb")):
        of = lambda n, k: custom(work).get(n, {}).get(k); small = work == "gates-cold"
        row("gates, cold, %s: wall" % name, "<= 2.5x read + scan" if small else "<= 0.9x DuckDB", of("ours", "wall"), "ms", times(2.5, of("scan", "wall")) if small else times(.9, of("duckdb", "wall")), of("scan", "wall"), of("duckdb", "wall"))
        if small: row("... against DuckDB", "<= 0.2x", of("ours", "wall"), "ms", times(.2, of("duckdb", "wall")), of("prefilter", "wall"), of("duckdb", "wall"))
        else: row("... CPU", "<= 1x DuckDB", of("ours", "cpu"), "ms", of("duckdb", "cpu"), of("prefilter", "cpu"), of("duckdb", "cpu"))
        row("... peak memory", "<= 0.25x DuckDB" if small else "<= 64 MB", of("ours", "peak"), "MB", times(.25, of("duckdb", "peak")) if small else 64, of("scan", "peak"), of("duckdb", "peak"))
    row("... keys meanwhile", "<= 1.2x stack key", (custom("gates-1gb-keys").get("ms") or {}).get("median"), "ms", times(1.2, stack_key), stack_key)
    change = median("change-rename", "stack", "touch", "ms", "median")
    for name, value in custom("gates-append").items(): row("gates, one line appended, " + name, "<= 2x file-change goal", value, "ms", times(3, change), change)
    t = custom("tick")
    durable = t.get("floor_ms")
    row("tick, durable and painted", "<= 2x durable write + 1 key", (t.get("ms") or {}).get("median"), "ms", durable and stack_key and 2 * durable + stack_key, durable)
    size = lambda n: median("board", n, "resize", "ms", "median"); end = lambda n: median("board", n, "exit", "ms", "median")
    row("resize to repainted", "<= 1.5x stack", size("ours"), "ms", times(1.5, size("stack")), size("stack"), size("csvlens"))
    row("quit", "<= 5 ms", end("ours"), "ms", 5, end("stack"), end("csvlens"))
    signals = {}
    for r in results("board", "ours"):
        for name, one in (r.get("signals") or {}).items():
            fine = one.get("exited") and one.get("clean", True) and (name != "hangup" or one["exit_ms"] <= 100)
            signals[name] = signals.get(name, 0) + (not fine)
        signals["quit"] = signals.get("quit", 0) + (not (r.get("exit") or {}).get("last", {}).get("clean"))
    row("terminal not restored (%s)" % (", ".join(sorted(signals)) or "-"), "0", sum(signals.values()) if signals else None, "", 0)
    row("all panes of the real workspace filled", "<= 60 ms", median("board", "ours", "startup", "painted_ms", "median"), "ms", 60)
    print("| what | goal | figure | floor | peers | verdict |\n|" + " --- |" * 6)
    for r in ROWS_OUT: print("| " + " | ".join(r) + " |")
    foreign = [v for f in glob.glob(RES + "/*.json") for v in pick([json.load(open(f))], "machine", "foreign_cpu_pct")]
    if foreign: print("\nOther work took %.0f %% of the machine in the median, %.0f %% at most; %s, size 120x40." % (statistics.median(foreign), max(foreign), "real-time priority" if o.prio == "rr" else "ordinary scheduling"))

def main():
    if not os.path.exists(BIN): sys.exit("there is no %s: build it first, `cargo build --release`" % BIN)
    CELLS = cells()
    if o.list:
        for work, name, _ in CELLS: print(work, name)
        for name in OWN: print(name, "ours")
        return
    if not o.report:
        spec = at("spec.py")
        with open(spec, "w") as f: f.write("CELLS = %r\nENV = %r\n" % (CELLS, ENV))
        if any(re.search(o.only, "%s.%s" % (w, n)) for w, n, _ in CELLS):
            subprocess.run([sys.executable, KIT + "/side_by_side.py", spec, "--rounds", str(o.rounds), "--out", RES, "--only", o.only], check=True)
        os.makedirs(CUSTOM, exist_ok=True)
        for name, measure in OWN.items():
            if not re.search(o.only, name): continue
            try: figures = measure()
            except (RuntimeError, OSError, AttributeError, ValueError) as error: say(name, "failed:", error); continue
            with open(os.path.join(CUSTOM, name + ".json"), "w") as f: json.dump(figures, f)
            say(name, figures)
    table()
main()
