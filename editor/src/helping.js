// What may stand at a place, and what it is for: as one writes, under the pointer, and in the line below the editor.
import { autocompletion } from "@codemirror/autocomplete";
import { EditorView, hoverTooltip } from "@codemirror/view";
import { keyAt, placeAt } from "./places.js";

const MOST_VALUES = 8;
const MOST_KEYS = 40; // of one mapping: what is needed goes before the others, and each in the order of the schema

// `help` is what the engine tells of its keys: a tree of `keys`, `values`, `about` and `required`, and apart the rule.
const found = (help, path) => {
  let node = help.file;
  for (const name of path) {
    node = node?.keys?.[name];
    if (node?.rule) node = { ...help.rule, about: node.about };
  }
  return node;
};

// Who writes before the keys have come is offered them when they come.
const completed = (coming, words) => async (context) => {
  const help = await coming;
  const word = context.matchBefore(/[\w./-]*/);
  const place = placeAt(context.state.doc.toString(), word.from);
  const node = place && found(help, place.path);
  if (!node) return null;
  const options = [];
  if (place.wants !== "value") {
    const follows = /^[\w./-]* *:/.test(context.state.sliceDoc(context.pos, context.pos + 100));
    for (const [name, one] of Object.entries(node.keys ?? {})) {
      if (place.beside.includes(name)) continue;
      const isNeeded = node.required?.includes(name);
      const detail = isNeeded ? words.needed : undefined;
      options.push({ label: name, apply: follows ? name : `${name}: `, detail, info: one.about, boost: (isNeeded ? MOST_KEYS : 0) - options.length, type: "key" });
    }
  }
  if (place.wants !== "key") for (const value of node.values ?? []) options.push({ label: value, boost: -options.length, type: "value" });
  const isAsked = context.explicit || word.from < word.to || (place.wants === "value" && node.values);
  return options.length && isAsked ? { from: word.from, options, validFor: /^[\w./-]*$/ } : null;
};

// In words: where it is, what it is for, and what may stand there.
const said = (help, text, pos, colon) => {
  const at = keyAt(text, pos);
  const node = at && found(help, at.path);
  if (!node?.about || !at.path.length) return null;
  const values = node.values ?? [];
  const some = values.slice(0, MOST_VALUES).join(", ") + (values.length > MOST_VALUES ? ", …" : "");
  return { ...at, path: at.path.join(" › "), about: some && some !== "true, false" ? `${node.about}${colon} ${some}` : node.about };
};

const tooltip = (told) => {
  const dom = document.createElement("div");
  const name = document.createElement("strong");
  dom.className = "key-help";
  name.textContent = told.path;
  dom.append(name, ` ${told.about}`);
  return dom;
};

export const helping = (help, coming, words) => [
  autocompletion({ override: [completed(coming, words)], icons: false, activateOnCompletion: ({ type }) => type === "key" }),
  hoverTooltip((view, pos) => {
    const told = said(help, view.state.doc.toString(), pos, words.colon);
    return told && told.from < told.to ? { pos: told.from, end: told.to, above: true, create: () => ({ dom: tooltip(told) }) } : null;
  }),
];

// The line below the editor: what is wrong where the cursor is, else what is asked for there.
export const below = (line, help, words, faultAt) => {
  const otherwise = line.textContent;
  return EditorView.updateListener.of(({ state, docChanged, selectionSet, transactions }) => {
    if (!docChanged && !selectionSet && !transactions.some((one) => one.effects.length)) return;
    const pos = state.selection.main.head;
    const fault = faultAt(state, pos);
    const told = fault ? null : said(help, state.doc.toString(), pos, words.colon);
    line.classList.toggle("no", Boolean(fault));
    line.replaceChildren(fault ?? (told ? "" : otherwise));
    if (!told) return;
    const name = document.createElement("strong");
    name.textContent = told.path;
    line.append(name, ` ${told.about}`);
  });
};
