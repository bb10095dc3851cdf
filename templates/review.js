"use strict";
// Everything that comes from the data is put in as text. The one piece of markup that is taken over is the
// picture, which the server has drawn; it is parsed as SVG and stripped of all that could act.
const at = (id) => document.getElementById(id);
const state = { clip: null, order: [], start: 0, total: 0, timer: 0, asked: 0 };

async function get(path) {
  const answer = await fetch(path);
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

function make(tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (name) element.className = name;
  return element;
}

function say(text) { at("status").textContent = text; }

function reviewer() {
  const name = at("reviewer").value.trim();
  if (!name) {
    say("Enter your name first: verdicts are stored by name.");
    at("reviewer").focus();
  }
  return name;
}

async function showState() {
  const found = await get("api/state");
  state.axis = found.axis;
  at("name").textContent = found.name;
  document.title = `Review of ${found.name}`;
  at("progress").textContent = `${found.judged} of ${found.clips} clips judged`;
  const agreed = found.agreement;
  const alpha = agreed.alpha === null ? "not defined yet" : agreed.alpha.toFixed(2);
  at("agreement").textContent = agreed.captions
    ? `Judged by two or more: ${agreed.captions} captions, ${agreed.same} identical; Krippendorff's alpha ${alpha}.`
    : "Agreement is shown once two reviewers have judged the same caption.";
  const select = at("emotion");
  if (select.options.length === 1) for (const name of found.emotions) {
    const option = make("option", name);
    option.value = name;
    select.append(option);
  }
}

function entry(clip) {
  const button = make("button");
  button.type = "button";
  button.dataset.number = clip.number;
  const said = clip.said.map((one) => `${one.reviewer}: ${one.kind}`).join(", ");
  button.append(make("span", `${clip.emotion || "no emotion"}, ${clip.id}`));
  const doubts = [clip.near ? "near an edge" : "", clip.notes ? "has notes" : "", clip.caption ? "" : "no caption"];
  button.append(make("small", [...doubts, said].filter(Boolean).join("; ") || "\u2013"));
  button.addEventListener("click", told(() => open(clip.number, true)));
  return button;
}

async function showList(first) {
  const query = new URLSearchParams({
    show: at("show").value, emotion: at("emotion").value, text: at("text").value,
    reviewer: at("reviewer").value.trim(), start: state.start,
  });
  const found = await get(`api/clips?${query}`);
  Object.assign(state, { order: found.order, total: found.total });
  at("total").textContent = `${found.total} clips` +
    (found.total > found.clips.length ? `, from ${found.start + 1} to ${found.start + found.clips.length}` : "");
  at("clips").replaceChildren(...found.clips.map((clip) => {
    const item = make("li");
    item.append(entry(clip));
    return item;
  }));
  at("fewer").disabled = !state.start;
  at("more").disabled = found.start + found.clips.length >= found.total;
  if (first) await open(found.clips.length ? found.clips[0].number : null);
  current();
}

function current() {
  for (const button of at("clips").querySelectorAll("button")) {
    const here = state.clip !== null && Number(button.dataset.number) === state.clip.number;
    button.setAttribute("aria-current", String(here));
  }
}

function spans(target, check) {
  target.replaceChildren(...check.spans.map((one) => {
    if (!one.number) return document.createTextNode(one.text);
    const marked = make("mark", one.text, `claim-${one.claim}`);
    const number = make("sup");
    const link = make("a", one.number);
    link.href = `#claim-${one.number}`;
    link.setAttribute("aria-label", `claim ${one.number}`);
    number.append(link);
    const both = document.createDocumentFragment();
    both.append(marked, number);
    return both;
  }));
}

function claims(check) {
  at("claims").replaceChildren(...check.claims.map((one, place) => {
    const item = make("li", `${one.claim}: ${one.word} \u2013 ${one.because}${one.holds ? "" : " (not true)"}`,
      one.holds ? "" : "wrong");
    item.id = `claim-${place + 1}`;
    item.tabIndex = -1;
    return item;
  }));
}

function numbers(rows) {
  at("numbers").replaceChildren(...rows.map((one) => {
    const row = make("tr");
    const head = make("th", one.name);
    head.scope = "row";
    head.title = one.about;
    const word = make("td", one.word, "text");
    if (one.because) word.append(make("small", one.because));
    row.append(head, make("td", one.value), word);
    return row;
  }));
}

async function curves(number) {
  const text = await (await fetch(`curves/${number}`)).text();
  if (state.clip === null || state.clip.number !== number) return;
  const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (drawn.nodeName !== "svg") return at("picture").replaceChildren();
  for (const element of [drawn, ...drawn.querySelectorAll("*")]) {
    if (["script", "foreignObject", "a"].includes(element.nodeName)) element.remove();
    for (const attribute of [...element.attributes]) {
      if (attribute.name.startsWith("on")) element.removeAttribute(attribute.name);
    }
  }
  at("picture").replaceChildren(document.importNode(drawn, true));
}

async function open(number, focus) {
  const asked = ++state.asked;
  stopEditing();
  if (number === null) {
    state.clip = null;
    at("clip-title").textContent = "No clip matches";
    return;
  }
  const query = new URLSearchParams({ reviewer: at("reviewer").value.trim() });
  const clip = await get(`api/clip/${number}?${query}`);
  if (asked !== state.asked) return;
  state.clip = clip;
  at("clip-title").textContent = `${clip.emotion || "no emotion"}: ${clip.id}`;
  const original = clip.emotion_original ? `the corpus says ${clip.emotion_original}` : "";
  const said = clip.transcript ? `\u201c${clip.transcript}\u201d` : "";
  const who = clip.speaker ? `speaker ${clip.speaker}` : "";
  at("facts").textContent = [clip.gender, who, clip.split, original, said].filter(Boolean).join(" \u00b7 ");
  const player = at("player");
  player.hidden = !clip.recording;
  at("silent").hidden = clip.recording;
  if (clip.recording) player.src = `audio/${number}`;
  else player.removeAttribute("src");
  at("picture").replaceChildren();
  at("playhead").style.display = "none";
  showCaption();
  numbers(clip.numbers);
  at("notes").replaceChildren(...clip.notes.map((note) => make("p", note, "muted")));
  current();
  if (focus) at("clip").focus();
  if (clip.recording) curves(number).catch(() => {});
}

function showCaption() {
  const { clip } = state;
  spans(at("caption"), clip.check);
  if (!clip.check.spans.length) at("caption").textContent = "This clip has no caption.";
  claims(clip.check);
  const told = clip.said.map((one) => one.kind === "edit" ? `${one.reviewer} writes: ${one.caption}` : `${one.reviewer}: ${one.kind}`);
  at("said").textContent = told.join("; ");
}

function beside(by) {
  const here = state.clip === null ? -1 : state.order.indexOf(state.clip.number);
  return state.order[here + by];
}

function step(by) {
  const number = beside(by);
  if (number === undefined) return say(by > 0 ? "This is the last clip of the list." : "This is the first clip.");
  return open(number);
}

async function judge(kind, caption) {
  const name = reviewer();
  if (!name || state.clip === null) return;
  const { number, id, of } = state.clip;
  try {
    await post("api/verdict", { number, of, kind, caption, reviewer: name });
  } catch (error) {
    return say(error.message);
  }
  const following = beside(1);
  say(`${id}: ${kind}, saved${following === undefined ? "; it was the last clip of the list" : ""}`);
  await Promise.all([showState(), showEntry(number), open(following === undefined ? number : following)]);
}

// the list keeps its order while one works through it; only the entry is renewed
async function showEntry(number) {
  const button = at("clips").querySelector(`button[data-number="${number}"]`);
  if (!button) return;
  const clip = await get(`api/clip/${number}`);
  button.replaceWith(entry({ ...clip, notes: clip.notes.length }));
  current();
}

async function undo() {
  const name = reviewer();
  if (!name) return;
  const taken = await post("api/undo", { reviewer: name });
  say(taken.undone ? `undone: ${taken.kind}` : "You have no verdict to undo.");
  await showState();
  if (taken.number !== null) {
    await open(taken.number);
    await showEntry(taken.number);
  }
}

function startEditing() {
  state.editing = false;
  if (state.clip === null) return;
  at("editing").hidden = false;
  const mine = state.clip.mine;
  at("wording").value = mine && mine.kind === "edit" ? mine.caption : state.clip.caption || "";
  at("wording").focus();
  check().catch((error) => say(error.message));
}

function stopEditing() {
  at("editing").hidden = true;
  at("wording").value = "";
  at("checked").textContent = "";
}

async function check() {
  const { number } = state.clip;
  const caption = at("wording").value;
  const found = await post("api/check", { number, caption });
  if (at("editing").hidden || state.clip.number !== number || caption !== at("wording").value) return;
  const told = { ok: "It agrees with what was measured.", empty: "It is empty." };
  const text = found.verdict === "missing"
    ? `It agrees, but leaves out: ${found.missing.join(", ")}.`
    : told[found.verdict] || `It cannot be saved: ${found.faults.join("; ")}.`;
  at("checked").textContent = text;
  at("checked").className = found.refused ? "wrong" : "";
  at("save").disabled = found.refused;
  spans(at("caption"), found);
  claims(found);
}

function cancel() {
  stopEditing();
  showCaption();
  at("clip").focus();
}

async function save() {
  const caption = at("wording").value;
  await judge("edit", caption);
  if (at("editing").hidden) at("clip").focus();
}

function playhead() {
  const player = at("player");
  const share = player.duration ? player.currentTime / player.duration : 0;
  at("playhead").style.left = `${100 * (state.axis.left + state.axis.width * share)}%`;
  at("playhead").style.display = at("picture").firstChild ? "block" : "none";
  if (!player.paused) requestAnimationFrame(playhead);
}

function toggle() {
  const player = at("player");
  if (player.hidden) return;
  if (player.paused) player.play().catch((error) => say(error.message));
  else player.pause();
}

const KEYS = {
  a: () => judge("accept"), r: () => judge("reject"), f: () => judge("flag"), e: startEditing, u: undo,
  j: () => step(1), k: () => step(-1), p: toggle, "/": () => at("text").focus(),
};

// Actions run one after the other: a key pressed while the next clip is still loading is for that clip.
let queue = Promise.resolve();
let waiting = 0;

function told(action) {
  return (event) => {
    waiting += 1;
    document.querySelector("main").setAttribute("aria-busy", "true");
    queue = queue.then(() => action(event)).catch((error) => say(error.message)).finally(() => {
      waiting -= 1;
      if (!waiting) document.querySelector("main").setAttribute("aria-busy", "false");
    });
    return queue;
  };
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.target.id === "wording") {
    if (event.key === "Escape") cancel();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !at("save").disabled) told(save)();
    return;
  }
  if (event.target.id === "reviewer" && event.key === "Enter") return at("clip").focus();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !at("keys").checked) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  if (state.editing) return; // the wording is about to open: what is typed now is meant for it
  if (action === startEditing) state.editing = true;
  told(action)();
});

for (const button of document.querySelectorAll("[data-kind]")) {
  button.addEventListener("click", told(() => judge(button.dataset.kind)));
}
at("edit").addEventListener("click", told(startEditing));
at("undo").addEventListener("click", told(undo));
at("previous").addEventListener("click", told(() => step(-1)));
at("next").addEventListener("click", told(() => step(1)));
at("save").addEventListener("click", told(save));
at("cancel").addEventListener("click", cancel);
at("wording").addEventListener("input", () => {
  clearTimeout(state.timer);
  at("save").disabled = true;
  state.timer = setTimeout(() => check().catch((error) => say(error.message)), 150);
});
for (const id of ["show", "emotion"]) {
  at(id).addEventListener("change", told(() => { state.start = 0; return showList(true); }));
}
at("text").addEventListener("input", () => {
  clearTimeout(state.search);
  state.search = setTimeout(told(() => { state.start = 0; return showList(true); }), 250);
});
at("reviewer").addEventListener("change", told(() => {
  localStorage.setItem("reviewer", at("reviewer").value.trim());
  return showList(false);
}));
at("more").addEventListener("click", told(() => { state.start += 50; return showList(false); }));
at("fewer").addEventListener("click", told(() => { state.start = Math.max(0, state.start - 50); return showList(false); }));
at("player").addEventListener("play", playhead);
at("player").addEventListener("timeupdate", playhead);
at("player").addEventListener("seeked", playhead);

at("reviewer").value = localStorage.getItem("reviewer") || "";
told(async () => { await showState(); await showList(true); })();
