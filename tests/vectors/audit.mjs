// Writes and checks tests/vectors/audit.json: the audit log's hashes and MACs, told a second time and by other means than the service's own code.
//   node tests/vectors/audit.mjs           checks every row; ends with 1 where one does not do what the file says
//   node tests/vectors/audit.mjs --write   writes the file anew
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('audit.json', import.meta.url);
const identityKey = createHash('shake256', { outputLength: 32 }).update('audit vectors: identity key').digest();
const none = 'A'.repeat(43);

const digest = (text) => createHash('sha256').update(text).digest('base64url');
const auditKey = (identity) => Buffer.from(hkdfSync('sha256', identity, Buffer.alloc(0), 'secretfunctions.audit.v1', 32));

/** An event's hash. `event` is its JSON; a list of variables counts by its own digest. */
function eventHash(chain, number, previous, event) {
  const content = event.replace(/"variables":(\[.*?\])\},"outcome":"/s, (_, list) => `"variables":"sha256:${digest(list)}"},"outcome":"`);
  return digest(`secretfunctions.audit-event.v1\n${chain}\n${number}\n${previous}\n${content}`);
}

const rowMac = (key, row, last, previous, lastHash) =>
  createHmac('sha256', key).update(`secretfunctions.audit-row.v1\n${row}\n${last}\n${previous}\n${lastHash}`).digest('base64url');

const countDown = (from, value) => String(BigInt(from) - BigInt(value)).padStart(19, '0');
const maxTicks = 3155378975999999999n;
const rowName = (ticks, chain, first) => `audit|${countDown(maxTicks, ticks)}|${chain}|${countDown(9223372036854775807n, first)}`;

/** A row: each distinct list in a line before the first event that has it. */
function makeRow(key, ticks, chain, first, previous, events) {
  const row = rowName(ticks, chain, first);
  const [lines, lists] = [[], new Map()];
  let hash = previous;
  events.forEach((event, index) => {
    hash = eventHash(chain, first + index, hash, event);
    const stored = event.replace(/"variables":(\[.*?\])\},"outcome":"/s, (_, list) => {
      if (!lists.has(list)) {
        lists.set(list, lines.push(list) - 1);
      }
      return `"variables":{"line":${lists.get(list)}}},"outcome":"`;
    });
    lines.push(`${stored} ${hash}`);
  });
  const mac = key ? rowMac(key, row, first + events.length - 1, previous, hash) : '-';
  lines.push(`#1 ${chain} ${first} ${previous} ${mac}`);
  return { row, data: `${lines.join('\n')}\n`, last: hash };
}

/** Whether a row is authentic and whole; told from its name and its bytes alone. */
function holds(key, { row, data }) {
  const lines = data.split('\n');
  if (lines.pop() !== '') {
    return false;
  }
  const end = /^#1 ([a-z0-9-]+) (\d+) (.{43}) (.+)$/.exec(lines.at(-1));
  const name = /^audit\|\d{19}\|([a-z0-9-]+)\|(\d{19})$/.exec(row);
  if (!end || !name || name[1] !== end[1] || BigInt(name[2]) !== 9223372036854775807n - BigInt(end[2])) {
    return false;
  }
  let [number, hash] = [Number(end[2]) - 1, end[3]];
  for (const line of lines.slice(0, -1).filter((text) => text.startsWith('{'))) {
    if (line.includes('"variables":"sha256:')) {
      return false; // A digest in its list's place: it would count as the list.
    }
    const event = line.slice(0, -44).replace(/"variables":\{"line":(\d+)\}/, (_, at) => `"variables":${lines[at]}`);
    const claimed = line.slice(-43);
    if (eventHash(end[1], ++number, hash, event) !== claimed) {
      return false;
    }
    hash = claimed;
  }
  const expected = key ? rowMac(key, row, number, end[3], hash) : '-';
  return expected.length === end[4].length && timingSafeEqual(Buffer.from(expected), Buffer.from(end[4]));
}

function make() {
  const [chain, ticks, key] = ['0123456789abcdef0123-1', 639047736000000000n, auditKey(identityKey)];
  const list = '[{"key":"A","scope":"organization","from":"vault","version":"1","outcome":"success"},{"key":"B","scope":"project:web","from":"provider","credential":"aws","secret":"caf\\u00E9 [1]","version":"v2","outcome":"success"}]';
  const resolve = (id, actor) => `{"id":"${id}","at":"2026-01-15T12:00:00Z","actor":{"type":"automation","name":"${actor}"},"action":"variable.resolve","target":{"environment":"prod","variables":${list}},"outcome":"success"}`;
  const put = '{"id":"019bc1c4-0000-7000-8000-000000000001","at":"2026-01-15T12:00:00Z","actor":{"type":"member","name":"zoë@example.org"},"action":"project.put","target":{"project":"web","note":"\\"variables\\":[]},\\"outcome\\":\\""},"outcome":"success"}';
  const first = makeRow(key, ticks, chain, 1, none, [put]);
  const second = makeRow(key, ticks + 10_000_000n, chain, 2, first.last, [resolve('1', 'crew'), resolve('2', 'crew'), put]);
  const open = makeRow(null, ticks, chain, 1, none, [put, resolve('3', 'x')]);
  const bad = (name, row, change) => ({ name, row: row.row, data: change(row.data), holds: false });
  const other = auditKey(createHash('sha256').update('another').digest());
  return {
    about: 'Rows of the audit log: name and data. hash: of the last event. keyed false: the deployment\'s own log, without a MAC. holds false: must not. tests/vectors/audit.mjs says how they are made.',
    identityKey: identityKey.toString('hex'),
    cases: [
      { name: 'the first event of a chain', row: first.row, data: first.data, hash: first.last, holds: true },
      { name: 'three events that share a list, going on', row: second.row, data: second.data, hash: second.last, holds: true },
      { name: 'without a key', row: open.row, data: open.data, hash: open.last, holds: true, keyed: false },
      bad('a changed event', second, (data) => data.replace('"id":"2"', '"id":"9"')),
      bad('a changed list', second, (data) => data.replace('"version":"v2"', '"version":"v3"')),
      bad('a list\'s digest in its place', second, (data) => data.slice(data.indexOf('\n') + 1).replaceAll('{"line":0}', `"sha256:${digest(list)}"`)),
      bad('a changed hash', second, (data) => data.replace(second.last, `${second.last[0] === 'B' ? 'C' : 'B'}${second.last.slice(1)}`)),
      bad('two events in each other\'s place', second, (data) => { const lines = data.split('\n'); [lines[1], lines[2]] = [lines[2], lines[1]]; return lines.join('\n'); }),
      bad('an event left out', second, (data) => { const lines = data.split('\n'); lines.splice(2, 1); return lines.join('\n'); }),
      bad('another hash before', second, (data) => data.replace(`2 ${first.last}`, `2 ${none}`)),
      bad('no end', second, (data) => data.slice(0, data.indexOf('#1'))),
      bad('in another row', { row: first.row, data: second.data }, (data) => data),
      bad('at another time', { row: rowName(ticks - 1n, chain, 1), data: first.data }, (data) => data),
      { name: 'made by somebody without the key', ...makeRow(other, ticks, chain, 1, none, [put]), last: undefined, holds: false },
      { name: 'without a MAC where there is a key', row: open.row, data: open.data, holds: false },
    ],
  };
}

if (process.argv.includes('--write')) {
  writeFileSync(file, `${JSON.stringify(make(), null, 1)}\n`);
}

const vectors = JSON.parse(readFileSync(file, 'utf8'));
const key = auditKey(Buffer.from(vectors.identityKey, 'hex'));
const wrong = vectors.cases.filter((vector) => holds(vector.keyed === false ? null : key, vector) !== vector.holds);
for (const vector of wrong) {
  console.error(`${vector.name}: ${vector.holds ? 'does not hold' : 'holds, and must not'}`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
