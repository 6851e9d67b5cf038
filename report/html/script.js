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
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const now = root.dataset.theme || (dark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      store.set(root.dataset.theme);
    });
    filters();
  });

  function filters() {
    const form = document.getElementById("filters");
    if (!form) return;
    const q = document.getElementById("q"), rule = document.getElementById("rule");
    const count = document.getElementById("count"), clear = document.getElementById("clear"), nothing = document.getElementById("nothing");
    const chips = [...form.querySelectorAll(".chip")];
    const stages = [...document.querySelectorAll("a.stage")];
    const number = new Intl.NumberFormat("en");

    // Of a rule that was found very often, so many places are laid out at a time; the
    // page comes with the others off.
    const step = Number(form.dataset.step);

    // Read the page once: a filter then only compares strings and flips flags.
    const groups = [...document.querySelectorAll("article.group")].map((el) => ({
      el, data: el.dataset, shown: true, limit: step, more: null,
      about: (el.dataset.rule + " " + el.querySelector("h3").textContent).toLowerCase(),
      hits: [...el.querySelectorAll("li.hit")].map((h) => ({ el: h, text: "", shown: !h.classList.contains("off") })),
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
        let found = 0;
        if (fits) {
          for (const h of g.hits) {
            if (words.length && !h.text) h.text = g.about + " " + h.el.textContent.toLowerCase();
            const match = words.every((w) => h.text.includes(w));
            if (match) found++;
            const show = match && found <= g.limit;
            if (show !== h.shown) { h.shown = show; h.el.classList.toggle("off", !show); }
          }
        }
        visible += found;
        more(g, found - g.limit);
        if (found > 0 !== g.shown) { g.shown = found > 0; g.el.hidden = !g.shown; }
      }
      const filtered = Boolean(words.length || state.severity.size || state.category.size || state.rule || state.stage);
      count.textContent = filtered ? number.format(visible) + " of " + number.format(total) + " shown" : number.format(total) + " shown";
      clear.hidden = !filtered;
      nothing.hidden = visible > 0;
      for (const c of chips) c.setAttribute("aria-pressed", String(state[c.dataset.kind].has(c.dataset.value)));
      for (const s of stages) s.setAttribute("aria-current", String(s.dataset.stage === state.stage));
    }

    // more offers the places that are not laid out yet.
    function more(g, rest) {
      if (!g.more && rest <= 0) return;
      if (!g.more) {
        g.more = document.createElement("button");
        g.more.type = "button";
        g.more.className = "quiet";
        g.more.addEventListener("click", () => { g.limit += 5 * step; apply(); });
        g.el.querySelector("ol.hits").after(g.more);
      }
      g.more.hidden = rest <= 0;
      g.more.textContent = "Show " + number.format(Math.max(0, Math.min(rest, 5 * step))) + " more of " + number.format(Math.max(0, rest));
    }

    // A link to a finding shows it, whatever is filtered or not laid out yet.
    function reveal() {
      const el = location.hash.startsWith("#f-") && document.getElementById(location.hash.slice(1));
      if (!el) return;
      const g = groups.find((g) => g.el.contains(el));
      if (el.classList.contains("off")) g.limit = Infinity;
      apply();
      el.scrollIntoView();
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
    addEventListener("hashchange", () => { if (location.hash.startsWith("#?")) { read(); apply(); } else reveal(); });
    addEventListener("beforeprint", () => { for (const g of groups) g.limit = Infinity; apply(); });
    addEventListener("afterprint", () => { for (const g of groups) g.limit = step; apply(); });
    addEventListener("keydown", (e) => {
      if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { e.preventDefault(); q.focus(); }
      if (e.key === "Escape" && document.activeElement === q && q.value) { q.value = ""; state.q = ""; changed(); }
    });
    read();
    apply();
    reveal();
  }
})();
