// Checks a document in the reader's own browser, by WebCrypto: the signatures (Ed25519, RFC 8032) and that each line
// stands in the log (RFC 9162, 2.1.3.2). The file is not sent anywhere for this; the server checks it once more.
"use strict";

(() => {
  const form = document.querySelector("form[action='/verify']");
  const input = document.getElementById("document");
  const drop = document.getElementById("drop");
  const here = document.getElementById("here");
  const keys = here.dataset.keys.split("\n").filter(Boolean);
  const text = new TextEncoder();
  const words = JSON.parse(here.dataset.words);
  const says = (name, at = 0, column = "") => words[name].replace("{n}", at + 1).replace("{column}", column);

  const bytesOf = (base64) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const toHex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((size, one) => size + one.length, 0));
    let at = 0;
    for (const one of parts) {
      whole.set(one, at);
      at += one.length;
    }
    return whole;
  };
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const same = (one, other) => one.length === other.length && one.every((value, at) => value === other[at]);

  // The one JSON text of a value: keys sorted, no spaces.
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value && typeof value === "object") {
      const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
      return `{${pairs.join(",")}}`;
    }
    return JSON.stringify(value);
  };

  // `NAME+HASH+KEY`, as the log publishes it.
  const readKey = async (line) => {
    const [name, hash, ...rest] = line.split("+");
    const data = bytesOf(rest.join("+"));
    const key = await crypto.subtle.importKey("raw", data.slice(1), { name: "Ed25519" }, false, ["verify"]);
    return { name, hash: fromHex(hash), key };
  };

  // The text of a signed note (C2SP), where the key signed it; else null.
  const opened = async (note, key) => {
    const gap = note.lastIndexOf("\n\n");
    if (gap < 0 || !note.endsWith("\n")) return null;
    const said = note.slice(0, gap + 1);
    for (const line of note.slice(gap + 2).split("\n")) {
      const found = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line);
      if (!found || found[1] !== key.name) continue;
      const data = bytesOf(found[2]);
      if (!same(data.slice(0, 4), key.hash)) continue;
      const holds = await crypto.subtle.verify({ name: "Ed25519" }, key.key, data.slice(4), text.encode(said));
      return holds ? said : null;
    }
    return null;
  };

  const included = async (proof, head) => {
    let number = proof.position;
    let last = head.size - 1;
    if (!(number >= 0 && number <= last)) return false;
    let found = await sha256(joined(Uint8Array.of(0), text.encode(proof.leaf)));
    for (const one of proof.path) {
      const sibling = fromHex(one);
      if (last === 0) return false;
      if (number % 2 || number === last) {
        found = await sha256(joined(Uint8Array.of(1), sibling, found));
        while (number && number % 2 === 0) [number, last] = [Math.floor(number / 2), Math.floor(last / 2)];
      } else {
        found = await sha256(joined(Uint8Array.of(1), found, sibling));
      }
      [number, last] = [Math.floor(number / 2), Math.floor(last / 2)];
    }
    return last === 0 && same(found, head.root);
  };

  // A head of the log as it is published; of its own class, for JSON could have whatever name told it apart.
  class PublishedHead {
    constructor(note) {
      this.note = note;
    }
  }

  const SEALED = { ledger_entry: "entry_id", campaign: "campaign", campaign_version: "version", recorded_at: "recorded_at" };

  const faultsOf = async (data, key) => {
    const faults = [];
    if (data instanceof PublishedHead) {
      const said = await opened(data.note, key);
      return said && said.split("\n")[0] === key.name ? [] : [says("head")];
    }
    if (!Array.isArray(data.lines)) throw new Error(says("text"));
    let head = null;
    if (data.head) {
      const said = await opened(data.head, key);
      const lines = said ? said.split("\n") : [];
      if (said && lines[0] === key.name) head = { size: Number(lines[1]), root: bytesOf(lines[2]) };
      else faults.push(says("head"));
    }
    let rows = "";
    for (const [at, line] of data.lines.entries()) {
      const { proof, ended_proof: endedProof, ...row } = line;
      rows += `${canonical(line)}\n`;
      if (!proof || !head || !(await included(proof, head))) {
        faults.push(says("proof", at));
        continue;
      }
      const sealed = JSON.parse(proof.leaf).public;
      for (const [column, name] of Object.entries(SEALED)) {
        if (row[column] !== undefined && row[column] !== sealed[name]) faults.push(says("column", at, column));
      }
      if (endedProof && !(await included(endedProof, head))) {
        faults.push(says("ended", at));
      }
    }
    const digest = toHex(await sha256(text.encode(rows)));
    const wanted = await (data.subject ? statedText : listedText)(data, key, head, digest);
    if (!(await namesWhatWasSigned(data))) faults.push(says("altered"));
    if ((await opened(data.signature, key)) !== wanted) faults.push(says("signature"));
    return faults;
  };

  const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const statedText = async (data, key, head, digest) => {
    const held = data.lines.filter((line) => line.ended === null).length;
    const kind = data.lines.length ? "receipt" : "no_record";
    return (
      `${data.format}\nlog ${key.name}\nstatement of ${kind}\nfor ${data.subject.kind} ${data.subject.commitment}\n` +
      `as of ${head ? head.size : 0} ${head ? toHex(head.root) : EMPTY}\nissued ${data.issued_at}\n` +
      `${data.lines.length} receipts, ${held} held\nsha256 ${digest}\n` +
      `says sha256 ${toHex(await sha256(text.encode(data.says)))}\n`
    );
  };
  const TOLD = ["list", "brand", "campaign", "person", "received_from", "received_before", "annex", "as_of", "columns"];
  const listedText = async (data, key, head, digest) => {
    const told = Object.fromEntries(TOLD.filter((name) => name in data).map((name) => [name, data[name]]));
    const of = `as of ${head ? head.size : 0} ${head ? toHex(head.root) : EMPTY}`;
    return `${key.name}\n${canonical(told)}\n${of}\n${data.lines.length} lines\nsha256 ${digest}\n`;
  };

  const NAMES = {
    list: ["format", ...TOLD, "head", "lines", "count", "signature"],
    statement: ["format", "says", "statement", "subject", "issued_at", "head", "count", "held", "lines", "signature"],
    subject: ["commitment", "kind", "value", "salt"],
  };
  const knows = (names, found) => Object.keys(found).every((name) => names.includes(name));
  // What stands beside the signed text says the same as that, and there is nothing else.
  const namesWhatWasSigned = async (data) => {
    const { subject, lines } = data;
    if (data.count !== lines.length || !knows(subject ? NAMES.statement : NAMES.list, data)) return false;
    if (!subject) return true;
    const isReceipt = data.statement === (lines.length ? "receipt" : "no_record");
    const held = lines.filter((line) => line.ended === null).length;
    if (!isReceipt || data.held !== held || !knows(NAMES.subject, subject)) return false;
    if (!("value" in subject || "salt" in subject)) return true;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const salt = await crypto.subtle.importKey("raw", fromHex(subject.salt), algorithm, false, ["sign"]);
    const opens = await crypto.subtle.sign("HMAC", salt, text.encode(`${subject.kind}:${subject.value}`));
    return toHex(new Uint8Array(opens)) === subject.commitment;
  };

  // JSON in which a name stands twice says two things: one reader takes the first of them, another the last.
  const readJson = (whole) => {
    const data = JSON.parse(whole);
    const within = [];
    for (const [token] of whole.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
      const names = within.at(-1);
      if (token === "{") within.push({ known: new Set(), isNext: true });
      else if (token === "[") within.push(null);
      else if (token === "}" || token === "]") within.pop();
      else if (!names) continue;
      else if (token === ",") names.isNext = true;
      else if (names.isNext) {
        const name = JSON.parse(token);
        if (names.known.has(name)) throw new Error(says("altered"));
        names.known.add(name);
        names.isNext = false;
      }
    }
    return data;
  };

  // A note with signatures is a head of the log; everything else is JSON.
  const documentOf = (whole) => {
    if (whole.includes("\n\n— ") && !whole.trimStart().startsWith("{")) {
      return new PublishedHead(`${whole.replaceAll("\r\n", "\n").replace(/\n+$/, "")}\n`);
    }
    try {
      return readJson(whole);
    } catch (error) {
      throw error instanceof SyntaxError ? new Error(says("text")) : error;
    }
  };

  // The JSON itself, or the one within a PDF.
  const dataOf = async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (String.fromCharCode(...bytes.slice(0, 5)) !== "%PDF-") return documentOf(new TextDecoder().decode(bytes));
    const raw = new TextDecoder("latin1").decode(bytes);
    for (const found of raw.matchAll(/stream\r?\n/g)) {
      const from = found.index + found[0].length;
      const to = raw.indexOf("endstream", from);
      if (to < 0) continue;
      for (const cut of [0, 1, 2]) {
        try {
          const unpacked = new Blob([bytes.slice(from, to - cut)]).stream().pipeThrough(new DecompressionStream("deflate"));
          const data = readJson(await new Response(unpacked).text());
          if (typeof data.format === "string") return data;
          break;
        } catch (error) {
          if (error.message === says("altered")) throw error;
          // Another stream of the PDF, or the line break before its end.
        }
      }
    }
    throw new Error(says("pdf"));
  };

  const tell = (kind, words, faults = []) => {
    const notice = document.createElement("div");
    notice.className = `notice ${kind}`;
    const inner = document.createElement("div");
    const said = document.createElement("p");
    said.textContent = words;
    inner.append(said);
    if (faults.length) {
      const list = document.createElement("ul");
      for (const one of faults.slice(0, 20)) {
        const item = document.createElement("li");
        item.textContent = one;
        list.append(item);
      }
      inner.append(list);
    }
    notice.append(inner);
    here.replaceChildren(notice);
    here.hidden = false;
    here.dataset.checked = kind;
  };

  const check = async (file) => {
    here.hidden = true;
    delete here.dataset.checked;
    let known;
    try {
      known = await Promise.all(keys.map(readKey));
    } catch {
      tell("plain", here.dataset.none);
      return;
    }
    if (!known.length) return;
    try {
      const data = await dataOf(file);
      let least = null;
      for (const key of known) {
        const faults = await faultsOf(data, key);
        if (!least || faults.length < least.length) least = faults;
      }
      if (least.length) tell("no", here.dataset.bad, least);
      else tell("yes", data instanceof PublishedHead ? here.dataset.head : here.dataset.good);
    } catch (error) {
      tell("no", here.dataset.bad, [String(error.message ?? error)]);
    }
  };

  input.addEventListener("change", () => {
    if (input.files.length) check(input.files[0]);
  });
  for (const name of ["dragover", "dragenter"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    check(input.files[0]);
  });
})();
