"use strict";
// The page of a live plot. It asks the server for what it has not seen, keeps it, and draws it with Plotly.
// What is shown, with which axes and limits, is decided by the server (luthier_plot.arranging); see luthier_plot.packing
// for the form of its messages.

const PAUSE = 250; // milliseconds between two drawings, at least
const RETRY = 1000; // milliseconds before asking a server again that did not answer
const MOST_KEPT = 1500000; // points of a line, of which the latest MOST_POINTS are kept
const MOST_POINTS = 1000000;
const MARKED = 200; // points up to which each is marked
const COLOURS = "Viridis";
const LINE = "#1f5fbf";
const BUTTONS = [["toImage", "zoom2d", "pan2d", "resetScale2d"]];

const $ = (id) => document.getElementById(id);
const sleep = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

class Numbers {
  constructor() { this.clear(); }
  clear() { this.room = new Float64Array(1024); this.length = 0; }
  add(more) {
    if (this.length + more.length > this.room.length) {
      const larger = new Float64Array(Math.max(2 * this.room.length, this.length + more.length));
      larger.set(this.room.subarray(0, this.length));
      this.room = larger;
    }
    this.room.set(more, this.length);
    this.length += more.length;
    if (this.length > MOST_KEPT) {
      this.room.copyWithin(0, this.length - MOST_POINTS, this.length);
      this.length = MOST_POINTS;
    }
  }
  get values() { return this.room.subarray(0, this.length); }
}

class Panel {
  constructor(name) {
    this.name = name;
    this.place = document.createElement("div");
    this.place.className = "panel";
    this.place.dataset.name = name;
    this.revision = "";
    this.rows = 0;
    this.clear();
  }

  clear() {
    this.points = { x: new Numbers(), y: new Numbers(), z: new Numbers() };
    this.grid = [];
    this.changed = true;
  }

  // Take what is new; `numbers` are those of the whole message.
  apply(news, numbers) {
    if (!news.arrays) return;
    if (news.fresh) this.clear();
    Object.assign(this, { kind: news.kind, join: news.join, axes: news, revision: news.revision, rows: news.rows });
    const arrays = {};
    for (const [name, [offset, length]] of Object.entries(news.arrays)) {
      arrays[name] = numbers.subarray(offset, offset + length);
    }
    if (this.kind === "image") this.#fill(arrays);
    else for (const name of Object.keys(arrays)) this.points[name].add(arrays[name]);
    this.changed = true;
  }

  #fill({ row, column, x, y, z }) {
    this.across = x.slice();
    this.up = y.slice();
    const width = this.across.length;
    while (this.grid.length < this.up.length) this.grid.push(new Float64Array(width).fill(NaN));
    if (column) row.forEach((step, index) => { this.grid[step][column[index]] = z[index]; });
    else row.forEach((step, index) => { this.grid[step].set(z.subarray(index * width, (index + 1) * width)); });
  }

  // `running`: whether more is to come.
  draw(running) {
    if (!this.changed || !this.axes) return;
    this.changed = false;
    const trace = { line: () => this.#line(), image: () => this.#image(), cloud: () => this.#cloud() }[this.kind]();
    const axis = (name) => ({
      title: { text: this.axes[name].title, standoff: 6 },
      type: this.axes[name].logarithmic ? "log" : "linear",
      ...this.#range(name, running),
      exponentformat: "SI",
      automargin: true,
      zeroline: false,
      showline: true,
      mirror: true,
      ticks: "outside",
      showgrid: this.kind !== "image",
      gridcolor: "#e4e4e4",
    });
    const layout = {
      xaxis: axis("x"),
      yaxis: axis("y"),
      margin: { l: 60, r: 16, t: 28, b: 44 },
      font: { size: 12, color: "#222" },
      showlegend: false,
      uirevision: `${this.name} ${this.kind} ${running}`,
    };
    Plotly.react(this.place, [trace], layout, { responsive: true, displaylogo: false, modeBarButtons: BUTTONS });
  }

  // What an axis shows: all that is planned while it grows, and room where nothing but rounding would be seen.
  #range(name, running) {
    const range = this.axes.ranges && this.axes.ranges[name];
    if (!range || (name === "x" && !running)) return { autorange: true };
    const { factor, logarithmic } = this.axes[name];
    const ends = range.map((end) => (logarithmic ? Math.log10(end) : end * factor));
    const room = name === "x" ? 0.02 * (ends[1] - ends[0]) : 0;
    return { autorange: false, range: [ends[0] - room, ends[1] + room] };
  }

  #line() {
    let { x, y } = { x: this.points.x.values, y: this.points.y.values };
    if (this.join === "sorted") {
      const order = Uint32Array.from(x.keys()).sort((one, other) => x[one] - x[other]);
      [x, y] = [Float64Array.from(order, (index) => x[index]), Float64Array.from(order, (index) => y[index])];
    }
    const marked = x.length <= MARKED || this.join === "sorted";
    [x, y] = thinned(x, y, 2 * Math.max(this.place.clientWidth, 300));
    return {
      type: "scatter",
      mode: marked ? "lines+markers" : "lines",
      x: scaled(x, this.axes.x.factor),
      y: scaled(y, this.axes.y.factor),
      line: { color: LINE, width: 1.5 },
      marker: { size: 4 },
    };
  }

  #cloud() {
    const shown = 20000; // the latest; more dots would only cover each other
    const part = (name, factor) => scaled(this.points[name].values.subarray(-shown), factor);
    const { x, y, z } = this.axes;
    return {
      type: "scatter",
      mode: "markers",
      x: part("x", x.factor),
      y: part("y", y.factor),
      marker: { size: 7, color: part("z", z.factor), ...this.#colours("cmin", "cmax") },
    };
  }

  #image() {
    const { x, y, z } = this.axes;
    const columns = rising(this.across);
    const rows = rising(this.up);
    return {
      type: "heatmap",
      x: edges(columns.map((index) => this.across[index] * x.factor), x.logarithmic),
      y: edges(rows.map((index) => this.up[index] * y.factor), y.logarithmic),
      z: rows.map((row) => Float64Array.from(columns, (column) => this.grid[row][column] * z.factor)),
      hoverongaps: false,
      ...this.#colours("zmin", "zmax"),
    };
  }

  #colours(low, high) {
    const [from, to] = this.axes.limits;
    const { factor, title } = this.axes.z;
    return {
      colorscale: COLOURS,
      showscale: true,
      [low]: from * factor,
      [high]: to * factor,
      colorbar: { title: { text: title, side: "right" }, thickness: 14, exponentformat: "SI" },
    };
  }
}

const scaled = (values, factor) => Array.from(values, (value) => value * factor);

// The places of the known values, in rising order.
function rising(values) {
  return Array.from(values.keys())
    .filter((index) => Number.isFinite(values[index]))
    .sort((one, other) => values[one] - values[other]);
}

// Where the cells around some centres begin and end; a single one is given some width.
function edges(centres, logarithmic) {
  const count = centres.length;
  if (count === 0) return [];
  const to = logarithmic ? Math.log : (value) => value;
  const from = logarithmic ? Math.exp : (value) => value;
  const places = centres.map(to);
  if (count === 1) {
    const room = Math.abs(places[0]) / 20 || 0.5;
    return [from(places[0] - room), from(places[0] + room)];
  }
  const middles = places.slice(1).map((place, index) => (place + places[index]) / 2);
  return [2 * places[0] - middles[0], ...middles, 2 * places[count - 1] - middles[count - 2]].map(from);
}

// A line that looks the same on so many columns of dots: the lowest and the highest point of each part.
function thinned(x, y, parts) {
  if (x.length <= 4 * parts) return [x, y];
  const kept = [];
  for (let part = 0; part < parts; part += 1) {
    const begin = Math.floor((part * x.length) / parts);
    const end = Math.floor(((part + 1) * x.length) / parts);
    let low = begin;
    let high = begin;
    for (let index = begin; index < end; index += 1) {
      if (y[index] < y[low] || Number.isNaN(y[low])) low = index;
      if (y[index] > y[high] || Number.isNaN(y[high])) high = index;
    }
    kept.push(Math.min(low, high), Math.max(low, high));
  }
  kept.push(x.length - 1);
  return [kept.map((index) => x[index]), kept.map((index) => y[index])];
}

let run = null;
let version = -1;
let panels = new Map();

function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return [header, new Float64Array(buffer, Math.ceil((4 + length) / 8) * 8)];
}

function apply([news, numbers]) {
  if ((news.run && news.run.id) !== (run && run.id)) {
    for (const panel of panels.values()) Plotly.purge(panel.place);
    panels = new Map();
    $("panels").replaceChildren();
  }
  ({ run, version } = news);
  const names = news.panels.map((panel) => panel.name);
  if (names.join("\n") !== [...panels.keys()].join("\n")) arrange(names);
  for (const described of news.panels) panels.get(described.name).apply(described, numbers);
  const ended = run && run.outcome !== "running";
  if (ended && !news.more) for (const panel of panels.values()) panel.changed = true;
  describe(news);
}

function arrange(names) {
  const kept = panels;
  panels = new Map(names.map((name) => [name, kept.get(name) || new Panel(name)]));
  const columns = Math.ceil(Math.sqrt(names.length));
  $("panels").style.gridTemplateColumns = `repeat(${Math.min(columns, 3)}, minmax(0, 1fr))`;
  $("panels").replaceChildren(...[...panels.values()].map((panel) => panel.place));
}

function say(place, text) {
  $(place).textContent = text;
  $(place).hidden = !text;
}

function describe({ message }) {
  say("message", message || (run && run.remark) || "");
  if (!run || !run.outcome) return;
  document.title = `${run.outcome === "running" ? "▶ " : ""}${run.name}`;
  say("name", run.name);
  say("outcome", run.outcome);
  $("outcome").className = run.outcome;
  const count = (points) => points.toLocaleString("en");
  say("points", run.planned === null ? `${count(run.points)} points` : `${count(run.points)} of ${count(run.planned)} points`);
  const end = run.took === null ? "" : `, ${duration(run.took)}`;
  say("time", `${new Date(1000 * run.started).toLocaleString("sv")}${end}`);
  say("sample", run.sample && `Sample: ${run.sample}`);
  say("id", run.id);
  say("error", run.error);
}

function duration(seconds) {
  if (seconds < 60) return `${seconds.toPrecision(2)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function draw() {
  if (document.hidden) return;
  for (const panel of panels.values()) panel.draw(Boolean(run) && run.outcome === "running");
  document.body.dataset.drawn = run ? `${run.outcome} ${run.points}` : "nothing";
}

async function ask() {
  const known = Object.fromEntries([...panels.values()].map((panel) => [panel.name, [panel.revision, panel.rows]]));
  const question = JSON.stringify({ run: run ? run.id : "", version, panels: known });
  const answer = await fetch("news", { method: "POST", body: question });
  if (!answer.ok) throw new Error(await answer.text());
  return unpack(await answer.arrayBuffer());
}

async function follow() {
  for (;;) {
    let more = false;
    const begun = performance.now();
    try {
      const news = await ask();
      apply(news);
      ({ more } = news[0]);
    } catch (error) {
      say("message", `The plot stays as it was: what it was drawn by has ended (${error.message}).`);
      await sleep(RETRY);
      continue;
    }
    const drawing = performance.now();
    draw();
    const took = performance.now() - drawing;
    // A slow computer gets time for other things.
    if (!more) await sleep(Math.max(PAUSE - (performance.now() - begun), took, 0));
  }
}

document.addEventListener("visibilitychange", draw);
follow();
