// What the engine finds wrong, at its place in the text: marks below the words, and at the numbers of their lines.
import { forEachDiagnostic, setDiagnostics, setDiagnosticsEffect } from "@codemirror/lint";
import { RangeSet, StateField } from "@codemirror/state";
import { GutterMarker, gutterLineClass } from "@codemirror/view";

const TOKEN = /^(?:"[^"]*"|'[^']*'|(?:[^\s,[\]{}:#]|:(?=\S)|(?<=\S)#| (?=[^\s#,[\]{}]))+)/;

// Columns count characters from 1, as the engine does; the editor counts them as JavaScript does.
const rangeOf = (doc, number, column) => {
  const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
  const before = [...line.text].slice(0, Math.max(column - 1, 0)).join("").length;
  const rest = column > 0 ? line.text.slice(before) : "";
  const token = TOKEN.exec(rest)?.[0].length ?? Math.min(rest.length, 1);
  if (token) return { from: line.from + before, to: line.from + before + token };
  return { from: line.from + line.text.search(/\S|$/), to: line.to };
};

const changeTo = (word) => ({ name: word, apply: (view, from, to) => view.dispatch({ changes: { from, to, insert: word }, userEvent: "input" }) });

// Where an example stands: at its name, as YAML lets it be written.
const exampleAt = (doc, name) => {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/'/g, "''?");
  const found = new RegExp(`(?:^|[\\s{,])name: +(["']?)(${escaped})\\1\\s*(?:[,}#]|$)`, "m").exec(doc.toString());
  const from = found ? found.index + found[0].indexOf(found[2], found[0].indexOf("name:") + 5) : -1;
  return found && { from, to: from + found[2].length };
};

// The place of what an item of the list is about, or null where it has none that can be told.
export const place = (doc, { line, column, example }) => (line ? rangeOf(doc, Number(line), Number(column)) : exampleAt(doc, example));

// What is told of an item, with what in it is of another language.
const wordsOf = (item) => {
  const words = document.createElement("span");
  words.append(...item.querySelector("[data-told]").cloneNode(true).childNodes);
  return words;
};

// Reads the list of what was found, and marks it. Each item says its line and column, and what was nearly written.
export const marked = (view, list) => {
  const items = [...list.querySelectorAll("[data-line], [data-example]")].map((item) => ({ item, at: place(view.state.doc, item.dataset) }));
  const told = items.filter(({ at }) => at).sort((one, other) => one.at.from - other.at.from);
  const found = told.map(({ item, at }) => ({
    ...at,
    severity: item.dataset.line ? "error" : "warning",
    message: item.querySelector("[data-told]").textContent,
    renderMessage: () => wordsOf(item),
    actions: [item.dataset.meant].filter(Boolean).map(changeTo),
  }));
  view.dispatch(setDiagnostics(view.state, found));
};

// What is wrong in the line of the position, if anything, as its words stand on the page: at the position itself
// before elsewhere.
export const faultAt = (state, pos) => {
  const line = state.doc.lineAt(pos);
  let found = null;
  forEachDiagnostic(state, ({ renderMessage }, from, to) => {
    if (from <= pos && pos <= to) found = renderMessage;
    else if (from <= line.to && to >= line.from) found ??= renderMessage;
  });
  return found?.();
};

const faulty = new (class extends GutterMarker {
  elementClass = "fault";
})();

export const faultyLines = StateField.define({
  create: () => RangeSet.empty,
  update(lines, change) {
    let now = lines.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(setDiagnosticsEffect)) continue;
      const starts = new Set(effect.value.map(({ from }) => change.newDoc.lineAt(from).from));
      now = RangeSet.of([...starts].sort((one, other) => one - other).map((at) => faulty.range(at)));
    }
    return now;
  },
  provide: (field) => gutterLineClass.from(field),
});
