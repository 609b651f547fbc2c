// Where in a campaign file a position is: told from the text alone, for a file that is being written is seldom whole.

const LINE = /^( *)((?:- +)*)(?:(?:"([^"]*)"|'([^']*)'|([^\s"'#{[\]},:-](?:[^:#]|:(?=\S)|(?<=\S)#)*?)) *:(?= |$))?(.*)$/;

// A line of a block: the column at which its key stands or would stand, the key, and what follows it; the columns of its
// dashes; and the column from which on lines below belong to it, or, of an item, to its list.
const readLine = (text) => {
  const [, indent, dashes, double, single, plain, rest] = LINE.exec(text.replace(/\t/g, " ")) ?? ["", "", "", , , , text];
  const key = double ?? single ?? plain ?? "";
  const said = rest.replace(/(^|\s)#.*$/, "").trim();
  const column = indent.length + dashes.length;
  const dashed = [...dashes.matchAll("-")].map((one) => indent.length + one.index);
  return { column, dashed, edge: dashes ? indent.length + 1 : column, isItem: dashes !== "", key, said, isBlank: !key && !said && !dashes };
};

// Where a text in quotes ends that begins at `at`; below zero where it does not. `''` is an apostrophe in one kind, and
// a backslash lets the next character through in the other.
const endOfQuoted = (text, at) => {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === "\\" && quote === '"') end += 1;
    else if (text[end] !== quote) continue;
    else if (quote === "'" && text[end + 1] === quote) end += 1;
    else return end;
  }
  return -1;
};

// What is open before `pos` of `{…}` and `[…]`, from outside in; null inside of a comment.
const openBefore = (text, pos) => {
  const open = [];
  let begins = true; // whether a word, a text in quotes or a bracket may begin here
  let since = 0; // where the key began that a colon would end
  for (let at = 0; at < pos; at += 1) {
    const one = text[at];
    const top = open.at(-1);
    if (one === "#" && (at === 0 || /\s/.test(text[at - 1]))) {
      const end = text.indexOf("\n", at);
      if (end < 0 || end >= pos) return null;
      at = end - 1;
    } else if (begins && (one === '"' || one === "'")) {
      const end = endOfQuoted(text, at);
      if (end < 0 || end >= pos) return open;
      at = end;
      begins = false;
    } else if ((begins || top) && (one === "{" || one === "[")) {
      open.push({ at, kind: one, key: "", seen: [] });
      since = at + 1;
      begins = true;
    } else if (top && (one === "}" || one === "]")) {
      open.pop();
      begins = false;
    } else if (top && one === ",") {
      top.key = "";
      since = at + 1;
      begins = true;
    } else if (one === ":" && /\s|^$/.test(text.slice(at + 1, at + 2))) {
      if (top) {
        top.key = text.slice(since, at).trim().replace(/^(["'])(.*)\1$/, "$2");
        top.seen.push(top.key);
      }
      begins = true;
    } else if (one === "\n" || (one === "-" && !top && /^[ -]*$/.test(text.slice(text.lastIndexOf("\n", at) + 1, at)))) {
      begins = true;
    } else if (one !== " ") {
      begins = false;
    }
  }
  return open;
};

// The keys above a place of a block, from outside in, and those beside it.
const aroundLine = (lines, number, column, { isItem, edge: begins }) => {
  const path = [];
  const beside = [];
  let inside = !isItem;
  for (let above = number - 1, edge = isItem ? begins : column; above >= 0 && edge > 0; above -= 1) {
    const line = readLine(lines[above]);
    if (line.isBlank || (line.key === "" && !line.isItem)) continue;
    if (line.column < edge) {
      inside = false;
      if (line.key && /^([|>].*)?$/.test(line.said)) path.unshift(line.key);
      if (line.key || line.isItem) edge = line.edge;
    } else if (line.dashed.includes(edge - 1)) {
      edge = line.edge;
    } else if (line.isItem && line.column === edge) {
      if (inside && line.column === column) beside.push(line.key);
      inside = false;
      edge = line.edge;
    } else if (inside && line.column === column) {
      beside.push(line.key);
    }
  }
  if (column === 0) for (const line of lines.slice(0, number).map(readLine)) if (line.column === 0) beside.push(line.key);
  for (const text of lines.slice(number + 1)) {
    const line = readLine(text);
    if (line.isBlank) continue;
    if (line.column < column || (line.column === column && line.isItem)) break;
    if (line.column === column) beside.push(line.key);
  }
  return { path, beside: beside.filter(Boolean) };
};

// `path` are the keys around the position; `wants` is "key", "value", or "either" where a list may hold both; `beside`
// are the keys that the same mapping has already. Null inside of a comment.
export const placeAt = (text, pos) => {
  const open = openBefore(text, pos);
  if (!open) return null;
  const base = open.length ? open[0].at : pos;
  const start = text.lastIndexOf("\n", base - 1) + 1;
  const lines = text.split("\n");
  const number = text.slice(0, start).split("\n").length - 1;
  const line = readLine(text.slice(start, base));
  const whole = readLine(lines[number]);
  const column = line.isBlank && !open.length ? base - start : line.column;
  const { path, beside } = aroundLine(lines, number, column, whole);
  if (line.key) path.push(line.key);
  if (!open.length) return { path, beside, wants: line.key ? "value" : "either" };
  const within = open.at(-1);
  path.push(...open.map((one) => one.key).filter(Boolean));
  return { path, beside: within.seen, wants: within.kind === "{" && !within.key ? "key" : "value" };
};

// The key whose name, or whose value, is at the position: its path, and where the word begins and ends.
export const keyAt = (text, pos) => {
  const from = pos - /[\w./-]*$/.exec(text.slice(Math.max(0, pos - 200), pos))[0].length;
  const to = pos + /^[\w./-]*/.exec(text.slice(pos, pos + 200))[0].length;
  const place = placeAt(text, from);
  if (!place) return null;
  const isKey = place.wants !== "value" && from < to && /^["']? *:(\s|$)/.test(text.slice(to, to + 100));
  return { from, to, path: isKey ? [...place.path, text.slice(from, to)] : place.path };
};
