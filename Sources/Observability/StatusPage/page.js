"use strict";
(() => {
  const every = 2000; // milliseconds between two looks
  const patience = 6000; // milliseconds an answer may take
  const span = 300; // seconds that the curves show
  const rateWindow = 10; // seconds that a rate is an average of
  const slowWindow = 60; // seconds for what needs more requests: quantiles, shares, errors

  const byId = (id) => document.getElementById(id);
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const set = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };
  const show = (node, wanted) => { if (node.hidden === wanted) node.hidden = !wanted; };

  // Words and numbers

  const rounded = (x) => (x >= 100 || Number.isInteger(x) ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
  const count = (x) => {
    if (x < 10000) return rounded(x);
    for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (x >= size) return rounded(x / size) + unit;
  };
  const rate = (x) => (x === 0 ? "0" : x < 10 ? x.toFixed(1) : x < 10000 ? x.toFixed(0) : count(x));
  const bytes = (x) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let place = 0;
    while (x >= 1024 && place < units.length - 1) { x /= 1024; place += 1; }
    return [place === 0 ? x.toFixed(0) : rounded(x), units[place]];
  };
  const percent = (x) => (x === 0 ? "0 %" : x < 0.001 ? "< 0.1 %" : x < 0.1 ? `${(x * 100).toFixed(1)} %`
    : `${(x * 100).toFixed(0)} %`);
  const latency = (ms) => (ms === null ? "–" : ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms`
    : `${(ms / 1000).toFixed(ms < 10000 ? 1 : 0)} s`);
  const ago = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    const [size, unit, part, partUnit] = s < 86400 ? [3600, "h", 60, "min"] : [86400, "d", 3600, "h"];
    const rest = Math.floor((s % size) / part);
    return `${Math.floor(s / size)} ${unit}${rest > 0 ? ` ${rest} ${partUnit}` : ""}`;
  };
  const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();
  const moment = (seconds) => new Date(seconds * 1000).toLocaleString();

  const states = {
    up: ["up", "good"], trial: ["on trial", "good"], down: ["down", "bad"], dns: ["no address", "bad"],
    drain: ["draining", "warn"], maintenance: ["maintenance", "warn"],
  };
  const phases = {
    starting: ["starting", "quiet"], running: ["serving", "good"], leaving: ["about to stop", "warn"],
    draining: ["draining", "warn"],
  };

  // What was seen lately

  /** A ring of looks at counters: `at`, and the counters themselves. */
  class Past {
    constructor(seconds) { this.seconds = seconds; this.looks = []; }
    add(look) {
      const last = this.looks.at(-1);
      if (last && (look.at <= last.at || look.requests < last.requests)) this.looks = [];
      this.looks.push(look);
      while (this.looks.length > 2 && look.at - this.looks[0].at > this.seconds) this.looks.shift();
    }
    /** What happened within the last `seconds`; null before the second look. */
    over(seconds) {
      const last = this.looks.at(-1);
      if (!last || this.looks.length < 2) return null;
      let first = this.looks.length - 2;
      while (first > 0 && last.at - this.looks[first - 1].at <= seconds + 0.5) first -= 1;
      return difference(this.looks[first], last);
    }
  }
  const difference = (from, to) => ({
    seconds: to.at - from.at,
    requests: to.requests - from.requests,
    failed: to.failed - from.failed,
    buckets: to.buckets.map((n, i) => n - from.buckets[i]),
    sent: to.sent - from.sent,
    received: to.received - from.received,
    refused: to.refused - from.refused,
  });
  const lookAt = (at, part, clients) => ({
    at,
    requests: part.requests,
    failed: part.by_class["5xx"],
    buckets: part.duration.buckets,
    sent: clients ? clients.sent_bytes : 0,
    received: clients ? clients.received_bytes : 0,
    refused: clients ? sum(clients.rejected) + sum(clients.no_backend) : 0,
  });
  const sum = (object) => Object.values(object).reduce((a, b) => a + b, 0);

  /** The estimate that the server makes, too: values are evenly spread within their bucket. */
  const quantile = (share, buckets, bounds) => {
    const rank = share * buckets.reduce((a, b) => a + b, 0);
    if (rank <= 0) return null;
    let below = 0;
    for (let i = 0; i < bounds.length; i += 1) {
      if (buckets[i] > 0 && below + buckets[i] >= rank) {
        const lower = i === 0 ? 0 : bounds[i - 1];
        return lower + ((bounds[i] - lower) * (rank - below)) / buckets[i];
      }
      below += buckets[i];
    }
    return bounds.at(-1);
  };

  let total = new Past(span);
  let points = []; // of the curves: at, rate, p50, p99
  let backends = new Map(); // key → past, row and what was last said of it
  let latest = null; // the last answer and when it came
  let failure = null; // why the last look failed and since when

  // Curves

  const draw = (id, lines, top) => {
    const svg = byId(id);
    const now = points.length ? points.at(-1).at : 0;
    // A page that was just opened shows its first minute wide.
    const width = points.length ? Math.min(span, Math.max(60, now - points[0].at)) : span;
    const x = (at) => (300 * (1 - (now - at) / width)).toFixed(1);
    const y = (value) => (58 - (56 * Math.min(value, top)) / top).toFixed(1);
    const paths = lines.map((value) => {
      let path = "";
      let previous = null;
      for (const point of points) {
        const here = value(point);
        if (here !== null) {
          const joined = previous !== null && point.at - previous < 15;
          path += `${joined ? "L" : "M"}${x(point.at)} ${y(here)}`;
          previous = point.at;
        }
      }
      return path;
    });
    const drawn = svg.querySelectorAll(".line");
    paths.forEach((path, i) => set(drawn[drawn.length - 1 - i], "d", path));
    const area = paths[0].split("M").filter(Boolean).map((part) => {
      const corners = part.split("L");
      return `M${corners[0].split(" ")[0]} 60L${corners.join("L")}L${corners.at(-1).split(" ")[0]} 60Z`;
    });
    set(svg.querySelector(".area"), "d", area.join(""));
  };
  const curves = () => {
    const peak = Math.max(0, ...points.map((p) => p.rate));
    const slowest = Math.max(0, ...points.map((p) => p.p99 ?? 0));
    draw("rate-spark", [(p) => p.rate], Math.max(peak * 1.08, 1));
    draw("latency-spark", [(p) => p.p99, (p) => p.p50], Math.max(slowest * 1.08, 1));
    const seconds = points.length > 1 ? points.at(-1).at - points[0].at : 0;
    const length = seconds < 60 ? "since this page was opened" : `in the last ${Math.round(seconds / 60)} min`;
    put(byId("rate-note"), points.length ? `peak ${rate(peak)}/s ${length}` : "");
    put(byId("latency-note"), slowest > 0 ? `p99 up to ${latency(slowest)} ${length}` : "");
  };

  // Parts of the page

  const totals = (status) => {
    const last = total.over(every / 1000);
    const recent = total.over(rateWindow);
    const slow = total.over(slowWindow);
    if (last) {
      points.push({
        at: status.now,
        rate: last.requests / last.seconds,
        p50: quantile(0.5, last.buckets, status.bounds_ms),
        p99: quantile(0.99, last.buckets, status.bounds_ms),
      });
      while (status.now - points[0].at > span) points.shift();
    }
    put(byId("rate"), recent ? rate(recent.requests / recent.seconds) : "–");
    put(byId("p50"), latency(slow && quantile(0.5, slow.buckets, status.bounds_ms)));
    put(byId("p99"), latency(slow && quantile(0.99, slow.buckets, status.bounds_ms)));
    const share = slow && slow.requests > 0 ? slow.failed / slow.requests : null;
    put(byId("errors"), share === null ? "–" : percent(share));
    byId("errors").classList.toggle("hot", share !== null && share >= 0.01);
    const refused = slow ? slow.refused : 0;
    put(byId("errors-note"), refused > 0 ? `${count(refused)} turned away in the last minute` : "in the last minute");
    put(byId("clients"), count(status.clients.open));
    put(byId("clients-note"), `connected, of at most ${count(status.clients.limit)}`);
    put(byId("flight"), count(status.totals.in_flight));
    const { tunnels, connections } = status.totals;
    put(byId("flight-note"), tunnels > 0 ? `of them ${count(tunnels)} ${tunnels === 1 ? "tunnel" : "tunnels"}`
      : `${count(connections.idle)} idle connections`);
    const [sent, unit] = bytes(recent ? Math.max(0, recent.sent / recent.seconds) : 0);
    put(byId("sent"), recent ? sent : "–");
    put(byId("sent-unit"), recent ? `${unit}/s` : "");
    const [received, receivedUnit] = bytes(recent ? Math.max(0, recent.received / recent.seconds) : 0);
    put(byId("sent-note"), recent ? `${received} ${receivedUnit}/s from them` : "");
    curves();
  };

  const notices = (status) => {
    const said = [];
    if (status.not_ready) said.push(["warn", `Not ready: ${status.not_ready}`]);
    const { last_error: error } = status.reloads;
    if (error) said.push(["bad", `The configuration was not reloaded, the one before stays in force: ${error}`]);
    const dropped = status.process.dropped_log_lines;
    if (dropped > 0) said.push(["warn", `Access-log lines dropped, because their reader is too slow: ${count(dropped)}`]);
    for (const [kind, n] of Object.entries(status.process.faults)) {
      if (n > 0) said.push(["warn", `Refused by the system, ${kind}: ${count(n)}`]);
    }
    const list = byId("notices");
    while (list.children.length > said.length) list.lastChild.remove();
    while (list.children.length < said.length) list.append(document.createElement("li"));
    said.forEach(([tone, text], i) => { set(list.children[i], "data-tone", tone); put(list.children[i], text); });
    show(list, said.length > 0);
  };

  const makeRow = () => {
    const row = byId("row").content.firstElementChild.cloneNode(true);
    const [name, state, flight, rps, p50, p99, failed, share, why] = row.children;
    return { row, name, state, flight, rps, p50, p99, failed, share, why };
  };

  const fillRow = (known, backend, all, bounds) => {
    const cells = known.cells;
    const recent = known.past.over(rateWindow);
    const slow = known.past.over(slowWindow);
    const [word, tone] = states[backend.state] ?? [backend.state, "quiet"];
    put(cells.name.children[0], backend.name);
    const notes = [];
    if (backend.resolved && backend.resolved !== backend.name) notes.push(backend.resolved);
    if (backend.position === null) notes.push("taken out of the configuration");
    put(cells.name.children[1], notes.join(", "));
    set(cells.row, "data-state", backend.state);
    set(cells.state.children[0], "data-tone", tone);
    put(cells.state.children[0], word);
    number(cells.flight, backend.in_flight > 0, count(backend.in_flight));
    number(cells.rps, recent && recent.requests > 0, recent ? rate(recent.requests / recent.seconds) : "–");
    const p50 = slow && quantile(0.5, slow.buckets, bounds);
    const p99 = slow && quantile(0.99, slow.buckets, bounds);
    number(cells.p50, p50 !== null, latency(p50));
    number(cells.p99, p99 !== null, latency(p99));
    const failed = slow && slow.requests > 0 ? slow.failed / slow.requests : null;
    number(cells.failed, failed !== null && failed > 0, failed === null ? "–" : percent(failed));
    cells.failed.classList.toggle("hot", failed !== null && failed >= 0.01);
    const share = slow ? (all > 0 ? slow.requests / all : 0) : backend.share;
    cells.share.children[0].style.setProperty("--share", share.toFixed(4));
    put(cells.share.children[1], percent(share));
    set(cells.share, "title", `since the start: ${percent(backend.share)}, ${count(backend.requests)} requests`);
    put(cells.why.children[0], backend.reason);
    cells.why.classList.toggle("calm", tone !== "bad");
  };
  const number = (cell, isMore, text) => { put(cell, text); cell.classList.toggle("zero", !isMore); };

  /** What changes by the second: ages, and when the next probe comes. */
  const fillTimes = (known, since) => {
    const { backend, cells } = known;
    put(cells.state.children[1], `for ${ago(backend.age_seconds + since)}`);
    set(cells.state, "title", `since ${moment(latest.status.now - backend.age_seconds)}`);
    const wait = backend.next_probe_seconds === null ? null : backend.next_probe_seconds - since;
    const probe = wait === null ? "" : wait < 1 ? "next probe now" : `next probe in ${ago(Math.ceil(wait))}`;
    const isPlain = backend.alive && backend.reason === "";
    put(cells.why.children[1], isPlain ? "" : probe);
    show(cells.why, !isPlain && (backend.reason !== "" || probe !== ""));
    set(cells.row, "title", isPlain ? probe : "");
  };

  const table = (status) => {
    const rows = byId("rows");
    const all = total.over(slowWindow)?.requests ?? 0;
    const keyOf = (backend) => `${backend.name} ${backend.position === null ? "removed" : ""}`;
    const wanted = new Set(status.backends.map(keyOf));
    for (const [key, known] of backends) {
      if (wanted.has(key)) continue;
      known.cells.row.remove();
      backends.delete(key);
    }
    let place = rows.firstElementChild;
    for (const backend of status.backends) {
      const key = keyOf(backend);
      let known = backends.get(key);
      if (!known) {
        known = { past: new Past(slowWindow), cells: makeRow(), state: backend.state };
        backends.set(key, known);
      }
      known.past.add(lookAt(status.now, backend, null));
      known.backend = backend;
      if (known.state !== backend.state) announce(backend);
      known.state = backend.state;
      if (known.cells.row === place) place = place.nextElementSibling;
      else rows.insertBefore(known.cells.row, place);
      fillRow(known, backend, all, status.bounds_ms);
    }
    const alive = status.backends.filter((b) => b.alive).length;
    put(byId("alive"), `${alive} of ${status.backends.length} up`);
    show(byId("filter"), status.backends.length > 12);
    filter();
  };

  const announce = (backend) => {
    const [word] = states[backend.state] ?? [backend.state];
    put(byId("announcement"), `${backend.name} is ${word}${backend.reason ? `: ${backend.reason}` : ""}`);
  };

  const filter = () => {
    const field = byId("filter");
    const wanted = field.hidden ? "" : field.value.trim().toLowerCase();
    let shown = 0;
    for (const { cells, backend } of backends.values()) {
      const text = `${backend.name} ${backend.state} ${(states[backend.state] ?? [""])[0]}`.toLowerCase();
      const matches = text.includes(wanted);
      show(cells.row, matches);
      if (matches) shown += 1;
    }
    show(byId("empty"), shown === 0);
  };

  const facts = (status, since) => {
    const [memory, unit] = bytes(status.process.resident_bytes);
    const said = [
      ["Up for", ago(status.now - status.started + since)],
      ["Workers", `${status.workers}`],
      ["Memory", `${memory} ${unit}`],
      ["Descriptors", `${count(status.process.open_descriptors)} of ${count(status.process.max_descriptors)}`],
      ["Requests", count(status.totals.requests)],
      ["Listening on", status.listeners.join(", ")],
      ["Configuration of", moment(status.reloads.last_success)],
    ];
    const list = byId("facts");
    while (list.children.length < said.length) {
      const pair = document.createElement("div");
      pair.append(document.createElement("dt"), document.createElement("dd"));
      list.append(pair);
    }
    said.forEach(([name, value], i) => { put(list.children[i].children[0], name); put(list.children[i].children[1], value); });
  };

  const heading = () => {
    const { status } = latest;
    const [word, tone] = phases[status.phase] ?? [status.phase, "quiet"];
    const isRunning = status.phase === "running";
    put(byId("version"), status.version);
    const said = failure ? ["unknown", "quiet"] : isRunning && !status.ready ? ["not ready", "bad"] : [word, tone];
    put(byId("phase"), said[0]);
    set(byId("phase"), "data-tone", said[1]);
    const alive = status.backends.filter((b) => b.alive).length;
    const lost = status.backends.some((b) => !b.alive && b.position !== null);
    document.title = `${failure ? "unreachable" : `${alive} of ${status.backends.length} up`} – Swerve`;
    icon(failure ? "#8a9490" : lost ? "#d0443a" : "#13876f");
  };
  const icon = (colour) => {
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='${colour}'/></svg>`;
    set(byId("icon"), "href", `data:image/svg+xml,${encodeURIComponent(svg)}`);
  };

  // Time

  const mode = (name) => { if (document.body.className !== name) document.body.className = name; };

  const tick = () => {
    if (isAsking) return;
    if (latest) {
      const since = failure ? 0 : (performance.now() - latest.at) / 1000;
      for (const known of backends.values()) fillTimes(known, since);
      facts(latest.status, since);
      heading();
    }
    if (failure) {
      mode("stale");
      put(byId("live"), latest
        ? `no answer since ${clock(latest.status.now)} (${failure}); these figures are the last ones`
        : `no answer (${failure}); trying again`);
      if (!latest) icon("#8a9490");
    } else if (document.hidden) {
      put(byId("live"), "paused while this page is hidden");
    } else if (latest) {
      mode("fresh");
      put(byId("live"), "live");
    }
  };

  const take = (status) => {
    if (latest && Math.abs(latest.status.started - status.started) > 5) {
      // Another process answers; its counters began anew.
      total = new Past(span);
      points = [];
      for (const known of backends.values()) known.past = new Past(slowWindow);
    }
    latest = { status, at: performance.now() };
    failure = null;
    total.add(lookAt(status.now, status.totals, status.clients));
    totals(status);
    notices(status);
    table(status);
  };

  // The token, where the listener asks for one: kept for this tab, and sent in a field only

  const tokenKey = "swerve-admin-token";
  const isToken = (text) => /^[A-Za-z0-9._~+/=-]{8,256}$/.test(text);
  class TokenAsked extends Error {}
  let isAsking = false;

  const ask = (note) => {
    isAsking = true;
    failure = null;
    mode("asking");
    put(byId("live"), "waiting for the token");
    put(byId("ask-note"), note);
    show(byId("ask"), true);
    byId("token").focus();
  };
  const enter = (event) => {
    event.preventDefault();
    const token = byId("token").value.trim();
    byId("token").value = "";
    if (!isToken(token)) {
      ask("A token has 8 to 256 letters, digits and - . _ ~ + / =");
      return;
    }
    sessionStorage.setItem(tokenKey, token);
    isAsking = false;
    show(byId("ask"), false);
    mode("waiting");
    look();
  };

  const fetchStatus = async () => {
    const signal = AbortSignal.timeout(patience);
    const token = sessionStorage.getItem(tokenKey);
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    // A link sends no token.
    show(byId("links"), !token);
    const response = await fetch("status.json", { cache: "no-store", signal, headers });
    if (response.status === 401) {
      sessionStorage.removeItem(tokenKey);
      throw new TokenAsked(token ? "This is not the token." : "");
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };

  const reason = (error) => (error.name === "TimeoutError" ? `nothing within ${patience / 1000} s`
    : error.name === "TypeError" ? "cannot be reached" : error.message);

  let timer = null;
  let isLooking = false;
  const look = async () => {
    if (isLooking || isAsking) return;
    isLooking = true;
    clearTimeout(timer);
    const begin = performance.now();
    let answer = null;
    try {
      answer = await fetchStatus();
    } catch (error) {
      if (error instanceof TokenAsked) {
        isLooking = false;
        ask(error.message);
        return;
      }
      failure = reason(error);
    }
    if (answer) take(answer);
    tick();
    isLooking = false;
    // A thousand backends are a large answer: a look must never be most of what the page and the server do.
    const took = performance.now() - begin;
    if (!document.hidden) timer = setTimeout(look, Math.max(every - took, 4 * took, 250));
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) tick(); else look();
  });
  byId("filter").addEventListener("input", filter);
  byId("ask").addEventListener("submit", enter);
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  look();
})();
