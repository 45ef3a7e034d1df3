"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("#matrix tbody tr")];
  const heads = [...document.querySelectorAll("#matrix thead tr:nth-child(2) th")];
  const chips = [...document.querySelectorAll("button.chip")];
  const columns = heads.map((head) => head.dataset);
  let group = null;

  const chosen = () => new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.state));

  function unlike(cells) {
    const byMode = {};
    cells.forEach((cell, index) => {
      if (cell.dataset.state !== undefined) (byMode[columns[index].mode] ??= new Set()).add(cell.textContent);
    });
    return Object.values(byMode).some((states) => states.size > 1);
  }

  function filter() {
    const text = by("search").value.trim().toLowerCase();
    const environment = by("environment").value, mode = by("mode").value;
    const states = chosen(), only = by("unlike").checked;
    const open = columns.map((column) => (!environment || column.environment === environment) && (!mode || column.mode === mode));
    const narrowed = states.size > 0 || group !== null;
    let models = 0, jobs = 0;
    heads.forEach((head, index) => { head.hidden = !open[index]; });
    document.querySelectorAll("#matrix thead tr:first-child th[data-environment]").forEach((head) => {
      const span = columns.filter((column, index) => open[index] && column.environment === head.dataset.environment).length;
      head.hidden = !span;
      head.colSpan = Math.max(span, 1);
    });
    for (const row of rows) {
      const cells = [...row.children].slice(1);
      let fits = 0;
      cells.forEach((cell, index) => {
        cell.hidden = !open[index];
        const state = cell.dataset.state;
        const fit = open[index] && state !== undefined && (!states.size || states.has(state)) && (group === null || cell.dataset.group === group);
        cell.classList.toggle("dim", narrowed && !fit);
        fits += fit;
      });
      row.hidden = !fits || !row.firstElementChild.textContent.toLowerCase().includes(text) || (only && !unlike(cells));
      if (!row.hidden) { models += 1; jobs += fits; }
    }
    by("count").textContent = by("count").dataset.form.replace("{jobs}", jobs).replace("{models}", models);
  }

  for (const id of ["search", "environment", "mode", "unlike"]) by(id).addEventListener("input", filter);
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
    group = button.dataset.show;
    filter();
    by("matrix").scrollIntoView({ block: "nearest" });
  });
  by("clear").addEventListener("click", () => {
    group = null;
    by("search").value = by("environment").value = by("mode").value = "";
    by("unlike").checked = false;
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    filter();
  });
  filter();
})();
