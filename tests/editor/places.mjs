// Answers, line by line, what `placeAt` and `keyAt` say of positions in a text.
import { createInterface } from "node:readline";

const { keyAt, placeAt } = await import(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { text, places, keys } = JSON.parse(line);
  const told = { places: places.map((pos) => placeAt(text, pos)), keys: keys.map((pos) => keyAt(text, pos)) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
