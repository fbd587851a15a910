"use strict";

/* Pages are whole without this file; it adds the search and the copy buttons. */

function normalized(text) {
  return text.normalize("NFKC").toLowerCase();
}

function indexedWords(dataset) {
  const parts = [
    dataset.title, dataset.title_en, dataset.summary, dataset.owner, dataset.provider, dataset.theme, dataset.code,
    dataset.id, dataset.openness, dataset.sharing, dataset.update_cycle, ...dataset.keywords, ...dataset.formats, ...dataset.fields,
    ...dataset.deadline.flatMap((clock) => [clock.title || clock.rule, clock.basis || ""]),
  ];
  return normalized(parts.join("\n"));
}

class Search {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input");
    this.status = form.querySelector(".count");
    this.items = [...document.querySelectorAll("li[data-id]")];
    this.words = new Map(this.items.map((item) => [item.dataset.id, normalized(item.textContent)]));
    this.fields = new Map();
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    this.input.addEventListener("input", () => this.show());
    this.input.value = new URLSearchParams(location.search).get("q") || "";
    this.load();
  }

  async load() {
    try {
      const response = await fetch(this.form.dataset.index);
      if (response.ok) {
        for (const dataset of (await response.json()).datasets) {
          this.words.set(dataset.id, indexedWords(dataset));
          this.fields.set(dataset.id, dataset.fields);
        }
      }
    } catch {
      /* Opened as a file, or offline: the page's own words are searched. */
    }
    this.form.dataset.ready = "true";
    if (this.input.value) this.show();
  }

  show() {
    const terms = normalized(this.input.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const item of this.items) {
      const words = this.words.get(item.dataset.id);
      item.hidden = !terms.every((term) => words.includes(term));
      found += item.hidden ? 0 : 1;
      this.showFields(item, terms);
    }
    for (const section of document.querySelectorAll("section.theme")) {
      section.hidden = !section.querySelector("li[data-id]:not([hidden])");
    }
    const themes = document.querySelector("nav.themes");
    if (themes) themes.hidden = terms.length > 0;
    this.status.textContent = terms.length ? `找到 ${found} 个数据集 · ${found} found` : "";
    this.remember();
  }

  showFields(item, terms) {
    const place = item.querySelector(".matches");
    const fields = (this.fields.get(item.dataset.id) || []).filter((field) =>
      terms.some((term) => normalized(field).includes(term)));
    place.hidden = item.hidden || fields.length === 0;
    place.textContent = place.hidden ? "" : `列 Columns: ${fields.slice(0, 6).join(", ")}`;
  }

  remember() {
    const address = new URL(location.href);
    if (this.input.value) address.searchParams.set("q", this.input.value);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
  }
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser refused to copy");
}

function addCopyButton(snippet) {
  const code = snippet.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  const label = "复制 Copy";
  button.textContent = label;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await copyText(code.textContent);
      button.textContent = "已复制 Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "已选中 Selected";
    }
    button.focus();
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  snippet.append(button);
}

for (const form of document.querySelectorAll("form.search")) new Search(form);
for (const snippet of document.querySelectorAll(".snippet")) addCopyButton(snippet);
