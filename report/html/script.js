"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // Theme: what the reader chose wins over what the system says.
  const store = { get() { try { return localStorage.getItem("merlon-theme"); } catch { return null; } },
                  set(v) { try { localStorage.setItem("merlon-theme", v); } catch { /* a file may have no storage */ } } };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const saved = store.get();
  if (saved === "light" || saved === "dark") root.dataset.theme = saved;
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    store.set(root.dataset.theme);
  });

  const form = document.getElementById("filters");
  if (!form) return;
  const q = document.getElementById("q"), rule = document.getElementById("rule");
  const count = document.getElementById("count"), clear = document.getElementById("clear"), nothing = document.getElementById("nothing");
  const chips = [...form.querySelectorAll(".chip")];
  const stages = [...document.querySelectorAll("a.stage")];
  const number = new Intl.NumberFormat("en");

  // Read the page once: a filter then only compares strings and flips flags.
  const groups = [...document.querySelectorAll("article.group")].map((el) => ({
    el, data: el.dataset, shown: true,
    about: (el.dataset.rule + " " + el.querySelector("h3").textContent).toLowerCase(),
    hits: [...el.querySelectorAll("li.hit")].map((h) => ({ el: h, text: "", shown: true })),
  }));
  const total = groups.reduce((n, g) => n + g.hits.length, 0);

  const state = { q: "", severity: new Set(), category: new Set(), rule: "", stage: "" };

  function apply() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const g of groups) {
      const d = g.data;
      const fits = (!state.severity.size || state.severity.has(d.severity)) && (!state.category.size || state.category.has(d.category)) &&
        (!state.rule || state.rule === d.rule) && (!state.stage || state.stage === d.stage);
      let any = false;
      if (fits) {
        for (const h of g.hits) {
          if (words.length && !h.text) h.text = g.about + " " + h.el.textContent.toLowerCase();
          const show = words.every((w) => h.text.includes(w));
          if (show !== h.shown) { h.shown = show; h.el.hidden = !show; }
          if (show) { any = true; visible++; }
        }
      }
      if (any !== g.shown) { g.shown = any; g.el.hidden = !any; }
    }
    const filtered = Boolean(words.length || state.severity.size || state.category.size || state.rule || state.stage);
    count.textContent = filtered ? number.format(visible) + " of " + number.format(total) + " shown" : number.format(total) + " shown";
    clear.hidden = !filtered;
    nothing.hidden = visible > 0;
    for (const c of chips) c.setAttribute("aria-pressed", String(state[c.dataset.kind].has(c.dataset.value)));
    for (const s of stages) s.setAttribute("aria-current", String(s.dataset.stage === state.stage));
  }

  // The filters stand in the address, so that a view can be shared.
  function write() {
    const p = new URLSearchParams();
    if (state.q) p.set("q", state.q);
    for (const k of ["severity", "category"]) if (state[k].size) p.set(k, [...state[k]].join(","));
    for (const k of ["rule", "stage"]) if (state[k]) p.set(k, state[k]);
    const s = p.toString();
    try { history.replaceState(null, "", s ? "#?" + s : location.pathname + location.search); } catch { /* not allowed everywhere */ }
  }
  function read() {
    const p = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
    state.q = p.get("q") || "";
    for (const k of ["severity", "category"]) state[k] = new Set((p.get(k) || "").split(",").filter(Boolean));
    rule.value = p.get("rule") || "";
    state.rule = rule.value;
    state.stage = p.get("stage") || "";
    q.value = state.q;
  }
  let pending = 0;
  function changed() {
    write();
    if (!pending) pending = requestAnimationFrame(() => { pending = 0; apply(); });
  }

  form.addEventListener("submit", (e) => e.preventDefault());
  q.addEventListener("input", () => { state.q = q.value.trim(); changed(); });
  rule.addEventListener("change", () => { state.rule = rule.value; changed(); });
  for (const c of chips) c.addEventListener("click", () => {
    const set = state[c.dataset.kind];
    if (!set.delete(c.dataset.value)) set.add(c.dataset.value);
    changed();
  });
  for (const s of stages) s.addEventListener("click", (e) => {
    e.preventDefault();
    state.stage = state.stage === s.dataset.stage ? "" : s.dataset.stage;
    changed();
    document.getElementById("findings").scrollIntoView();
  });
  clear.addEventListener("click", () => {
    Object.assign(state, { q: "", severity: new Set(), category: new Set(), rule: "", stage: "" });
    q.value = ""; rule.value = "";
    changed();
    q.focus();
  });
  addEventListener("hashchange", () => { if (location.hash.startsWith("#?")) { read(); apply(); } });
  addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { e.preventDefault(); q.focus(); }
    if (e.key === "Escape" && document.activeElement === q && q.value) { q.value = ""; state.q = ""; changed(); }
  });
  read();
  apply();
})();
