"use strict";
// Each tick knows the records that have its label. A record is shown if, of every facet with ticks,
// it has one that is ticked; numbers are counted again of those shown.
{
  const sift = document.querySelector("details.sift");
  const form = sift.querySelector("form");
  const split = (text) => text.split(" ");
  const ticks = [...form.querySelectorAll("input")].map((box) => ({
    box, facet: box.name, n: box.parentElement.querySelector(".n"),
    records: new Set(split(box.dataset.records)),
  }));
  const entries = [...document.querySelectorAll("li[data-record]")];
  const every = new Set(entries.map((entry) => entry.dataset.record));
  const cells = [...document.querySelectorAll("details.cell")].map((list) => ({
    list, place: split(list.dataset.at), n: list.querySelector(".n"),
    records: [...list.querySelectorAll("li")].map((entry) => entry.dataset.record),
    links: [...document.querySelectorAll(`table.map a[href="#${list.id}"]`)],
  }));
  const totals = [...document.querySelectorAll("table.map [data-total]")];

  const passing = (but) => {
    const facets = new Map();
    for (const { box, facet, records } of ticks) {
      if (box.checked && facet !== but) {
        facets.set(facet, new Set([...(facets.get(facet) || []), ...records]));
      }
    }
    return new Set([...every].filter((id) => [...facets.values()].every((some) => some.has(id))));
  };

  const show = () => {
    const shown = passing(null);
    const others = new Map(ticks.map(({ facet }) => [facet, null]));
    for (const facet of others.keys()) others.set(facet, passing(facet));
    for (const { facet, n, records } of ticks) {
      n.textContent = [...records].filter((id) => others.get(facet).has(id)).length;
    }
    for (const entry of entries) entry.hidden = !shown.has(entry.dataset.record);
    const counts = cells.map(({ records }) => records.filter((id) => shown.has(id)).length);
    const most = Math.max(1, ...counts);
    cells.forEach(({ list, n, links }, i) => {
      list.hidden = !counts[i];
      n.textContent = counts[i];
      for (const link of links) {
        link.textContent = counts[i];
        link.classList.toggle("zero", !counts[i]);
        const shade = counts[i] ? Math.round(6 + (39 * counts[i]) / most) : 0;
        link.parentElement.style.setProperty("--shade", `${shade}%`);
      }
    });
    for (const total of totals) {
      const there = cells.filter(({ place }) => place.includes(total.dataset.total));
      const all = new Set(there.flatMap(({ records }) => records.filter((id) => shown.has(id))));
      total.textContent = total.dataset.total === "all" ? shown.size : all.size;
    }
    form.querySelector("output").textContent =
      shown.size === every.size ? `All ${every.size} shown` : `${shown.size} of ${every.size} shown`;
  };

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  sift.hidden = false;
  sift.open = window.innerWidth > 800;
  show(); // a browser that goes back keeps its ticks
}
