// Reads an export of the audit log (GET /v1/audit-events/export) from standard input and computes its chains again, from docs/audit.md alone.
// Prints how many events hold; ends with 1 and names the first where one does not.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

const none = 'A'.repeat(43);
const digest = (text) => createHash('sha256').update(text).digest('base64url');
const place = /,"chain":"([a-z0-9-]+)","number":(\d+),"previousHash":"(.{43})","hash":"(.{43})"\}$/;

const chains = new Map();
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [tail, chain, number, previous, hash] = place.exec(line);
  const event = `${line.slice(0, -tail.length)}}`;
  const content = event.replace(/"variables":(\[.*?\])\},"outcome":"/s, (_, list) => `"variables":"sha256:${digest(list)}"},"outcome":"`);
  if (event.includes('"variables":"sha256:')) {
    console.error(`${chain} does not hold at ${number}: a digest in its list's place`);
    process.exit(1);
  }
  const computed = digest(`secretfunctions.audit-event.v1\n${chain}\n${number}\n${previous}\n${content}`);
  chains.set(chain, [...(chains.get(chain) ?? []), { id: JSON.parse(line).id, number: Number(number), previous, hash, holds: computed === hash }]);
}

let count = 0;
for (const [chain, events] of chains) {
  events.sort((one, other) => one.number - other.number);
  let [expected, previous] = [1, none];
  for (const event of events) {
    if (!event.holds || event.number !== expected || event.previous !== previous) {
      console.error(`${chain} does not hold at ${expected} (event ${event.id})`);
      process.exit(1);
    }
    [expected, previous] = [expected + 1, event.hash];
    count++;
  }
}
console.log(`${count} events in ${chains.size} chains`);
