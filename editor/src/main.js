// The editor of campaign files. The page has a text area, which is what is sent and what stays where no script runs;
// where one runs, CodeMirror stands in its place and keeps it up to date.
import { completionKeymap } from "@codemirror/autocomplete";
import { history, historyKeymap, indentLess, indentMore, insertNewlineAndIndent, standardKeymap, toggleLineComment } from "@codemirror/commands";
import { indentService, indentUnit, LanguageSupport, syntaxHighlighting } from "@codemirror/language";
import { yamlLanguage } from "@codemirror/lang-yaml";
import { nextDiagnostic, previousDiagnostic } from "@codemirror/lint";
import { closeSearchPanel, findNext, findPrevious, openSearchPanel, search } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { checking } from "./checking.js";
import { faultAt, faultyLines, marked, place } from "./faults.js";
import { below, helping } from "./helping.js";

// A line begins where the one before it began, below the key of an item, and two further after a colon that ends it.
const indented = indentService.of((context, pos) => {
  let at = context.lineAt(pos, -1);
  while (at.from > 0 && !at.text.trim()) at = context.lineAt(at.from - 1, -1);
  const [, indent, dashes, rest] = /^(\s*)((?:- +)*)(.*)$/.exec(at.text);
  return indent.length + dashes.length + (/:\s*([|>][-+]?)?\s*(#.*)?$/.test(rest) ? 2 : 0);
});

// A dash where a further key of an item would stand begins the next item, and moves to the dash of the one before.
const nextItem = EditorView.inputHandler.of((view, from, to, text) => {
  const line = view.state.doc.lineAt(from);
  const begun = /^( *)-$/.exec(line.text);
  if (text !== " " || from !== to || to !== line.to || !begun) return false;
  for (let number = line.number - 1; number > 0; number -= 1) {
    const above = view.state.doc.line(number).text;
    const [, indent, dash] = /^( *)(- +)?/.exec(above);
    if (!above.trim() || indent.length + (dash?.length ?? 0) > begun[1].length) continue;
    if (!dash && indent.length === begun[1].length) continue;
    if (!dash || indent.length + dash.length !== begun[1].length) return false;
    view.dispatch({ changes: { from: line.from, to, insert: `${indent}- ` }, selection: { anchor: line.from + indent.length + 2 }, userEvent: "input.type" });
    return true;
  }
  return false;
});

// What replaces a selection is put in by the editor itself: browsers that join lines on their own write a `style` to
// keep how they look, which the policy of pages refuses.
const replaced = EditorView.domEventHandlers({
  blur: (event, view) => void view.setTabFocusMode(false),
  beforeinput: (event, view) => {
    const isText = event.inputType === "insertText" && event.data !== null;
    const isTaken = event.inputType.startsWith("delete") && !view.state.selection.main.empty;
    if (event.isComposing || view.state.readOnly || !(isTaken || (isText && (!view.state.selection.main.empty || event.data.includes("\n"))))) return false;
    const userEvent = isText ? "input.type" : "delete.selection";
    view.dispatch(view.state.replaceSelection(isText ? event.data : ""), { userEvent, scrollIntoView: true });
    return true;
  },
});

const KEYS = [
  { key: "Enter", run: insertNewlineAndIndent },
  { key: "Tab", run: indentMore, shift: indentLess },
  { key: "Mod-]", run: indentMore },
  { key: "Mod-[", run: indentLess },
  { key: "Mod-/", run: toggleLineComment },
  { key: "Mod-f", run: openSearchPanel, scope: "editor search-panel" },
  { key: "F3", run: findNext, shift: findPrevious, scope: "editor search-panel", preventDefault: true },
  { key: "Escape", run: closeSearchPanel, scope: "editor search-panel" },
  { key: "F8", run: nextDiagnostic, shift: previousDiagnostic, preventDefault: true },
  // Escape, then Tab leaves, however long somebody takes from the one to the other.
  { key: "Escape", run: (view) => (view.setTabFocusMode(Infinity), true) },
];

const begin = async (source) => {
  const form = source.form;
  const label = form.querySelector("label[for=source]");
  const words = JSON.parse(source.dataset.words);
  const found = (name) => document.getElementById(name);
  const help = {};
  const coming = fetch(source.dataset.keys).then(async (answer) => Object.assign(help, await answer.json()));
  const helped = new Compartment();
  const wrapped = new Compartment();
  const narrow = matchMedia("(max-width: 40rem)");
  const wrapping = () => (narrow.matches ? EditorView.lineWrapping : []);

  const changed = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    source.value = update.state.doc.toString();
    check.soon();
  });
  const view = new EditorView({
    parent: source.parentElement,
    state: EditorState.create({
      doc: source.value,
      extensions: [
        lineNumbers(),
        history(),
        new LanguageSupport(yamlLanguage),
        syntaxHighlighting(classHighlighter),
        indentUnit.of("  "),
        indented,
        nextItem,
        replaced,
        EditorState.tabSize.of(2),
        EditorState.phrases.of(words),
        search({ top: true }),
        faultyLines,
        helping(help, coming, words),
        helped.of([]),
        wrapped.of(wrapping()),
        keymap.of([...completionKeymap, ...KEYS, ...historyKeymap, ...standardKeymap]),
        EditorView.contentAttributes.of({ "aria-labelledby": label.id, "aria-describedby": "editor-keys", spellcheck: "false", tabindex: "0" }),
        changed,
      ],
    }),
  });
  source.hidden = true;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const one of document.querySelectorAll("kbd.mod")) one.textContent = "⌘";
  label.removeAttribute("for");
  label.addEventListener("click", () => view.focus());
  narrow.addEventListener("change", () => view.dispatch({ effects: wrapped.reconfigure(wrapping()) }));

  const section = found("check");
  const shown = () => marked(view, section);
  const check = checking({ form, section, heard: found("heard"), lost: found("lost"), shown });
  shown();
  check.begin();

  section.addEventListener("click", (event) => {
    const item = event.target.closest("a[href^='#']")?.closest("[data-line], [data-example]");
    const found = item && place(view.state.doc, item.dataset);
    if (!found) return;
    event.preventDefault();
    const { from, to } = found;
    view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.focus();
  });

  // The button that asks for a check does so without leaving the page.
  const begun = source.value;
  let isLeaving = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) {
      event.preventDefault();
      check.now();
    } else {
      isLeaving = true;
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && source.value !== begun) event.preventDefault();
  });
  // A browser that comes back to the page gives the text area what was written before.
  window.addEventListener("pageshow", () => {
    isLeaving = false;
    if (source.value !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: source.value } });
  });

  await coming;
  view.dispatch({ effects: helped.reconfigure(below(found("here"), help, words, faultAt)) });
};

const source = document.getElementById("source");
if (source && "adoptedStyleSheets" in document) begin(source);
