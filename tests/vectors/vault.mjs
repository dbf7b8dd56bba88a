// Writes and checks tests/vectors/vault.json: the format of sealed values, told a second time and by other means than the service's own code.
//   node tests/vectors/vault.mjs           checks every case; ends with 1 where one does not hold
//   node tests/vectors/vault.mjs --write   writes the file anew
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('vault.json', import.meta.url);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => Buffer.from(text, 'hex');

/** `length` bytes that look like a key and are nobody's: the same ones for the same label. */
const sample = (label, length) => createHash('shake256', { outputLength: length }).update(label).digest();

// Additional data: a label, the organization's id, the subject and the version in decimal, each behind its length in two bytes, big endian.
function additionalData(label, context) {
  return Buffer.concat([label, context.organization, context.subject, String(context.version)].flatMap((field) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(field));
    return [length, Buffer.from(field)];
  }));
}

function encrypt(key, nonce, plaintext, data) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(data);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key, nonce, ciphertextAndTag, data) {
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(data);
  cipher.setAuthTag(ciphertextAndTag.subarray(-16));
  try {
    return Buffer.concat([cipher.update(ciphertextAndTag.subarray(0, -16)), cipher.final()]);
  } catch {
    return null;
  }
}

// 0: format 1; 1: key version; 5: nonce of the data key; 17: data key; 49: its tag; 65: nonce of the value; 77: value; its tag.
function seal(organizationKeys, version, context, { dataKey, dataKeyNonce, valueNonce }, plaintext) {
  const header = Buffer.alloc(5);
  header[0] = 1;
  header.writeInt32BE(version, 1);
  return Buffer.concat([
    header,
    dataKeyNonce, encrypt(organizationKeys[version], dataKeyNonce, dataKey, additionalData('secretfunctions.data-key.v1', context)),
    valueNonce, encrypt(dataKey, valueNonce, plaintext, additionalData('secretfunctions.value.v1', context)),
  ]);
}

function open(organizationKeys, context, envelope) {
  const key = envelope.length >= 93 && envelope[0] === 1 && organizationKeys[envelope.readInt32BE(1)];
  const dataKey = key && decrypt(key, envelope.subarray(5, 17), envelope.subarray(17, 65), additionalData('secretfunctions.data-key.v1', context));
  return dataKey ? decrypt(dataKey, envelope.subarray(65, 77), envelope.subarray(77), additionalData('secretfunctions.value.v1', context)) : null;
}

/** The same data key under the newest organization key. Everything from the value's nonce on stays as it is. */
function rewrap(organizationKeys, context, envelope, nonce) {
  const newest = Math.max(...Object.keys(organizationKeys).map(Number));
  const data = additionalData('secretfunctions.data-key.v1', context);
  const key = envelope.length >= 93 && envelope[0] === 1 && organizationKeys[envelope.readInt32BE(1)];
  const dataKey = key && decrypt(key, envelope.subarray(5, 17), envelope.subarray(17, 65), data);
  if (!dataKey) {
    return null;
  }

  const header = Buffer.alloc(5);
  header[0] = 1;
  header.writeInt32BE(newest, 1);
  return Buffer.concat([header, nonce, encrypt(organizationKeys[newest], nonce, dataKey, data), envelope.subarray(65)]);
}

// 0: version 1; 1: nonce; 13: key; its tag.
const rootData = Buffer.from('secretfunctions.root-wrap.v1');
const rootWrap = (root, nonce, plaintext) => Buffer.concat([Buffer.from([1]), nonce, encrypt(root, nonce, plaintext, rootData)]);
const rootUnwrap = (root, wrapped) =>
  wrapped.length >= 29 && wrapped[0] === 1 ? decrypt(root, wrapped.subarray(1, 13), wrapped.subarray(13), rootData) : null;
const rootId = (root) => `file:${hex(hkdfSync('sha256', root, '', 'secretfunctions.root-key-id.v1', 8))}`;

const fingerprint = (identity, value) =>
  hex(createHmac('sha256', Buffer.from(hkdfSync('sha256', identity, '', 'secretfunctions.fingerprint.v1', 32))).update(value).digest()).slice(0, 12);

/** What stands beside an organization's key under the root key. */
const binding = (organization, purpose, version) =>
  createHash('sha256').update(`secretfunctions.organization-key.v1\n${organization}\n${purpose}\n${version}`).digest();

function write() {
  const keys = { 1: sample('organization key 1', 32), 2: sample('organization key 2', 32) };
  const identity = sample('identity key', 32);
  const root = sample('root key', 32);
  const home = { organization: 'abcdefghij', subject: 'variable/prod/organization/OPENAI_API_KEY', version: 3 };
  const randomness = (name) => ({
    dataKey: sample(`${name}, data key`, 32), dataKeyNonce: sample(`${name}, data key nonce`, 12), valueNonce: sample(`${name}, value nonce`, 12),
  });
  const cases = [];

  const sealed = (name, keyVersion, context, plaintext) => {
    const random = randomness(name);
    const envelope = seal(keys, keyVersion, context, random, plaintext);
    cases.push({
      name, keyVersion, ...context, randomness: hex(Buffer.concat([random.dataKey, random.dataKeyNonce, random.valueNonce])),
      plaintext: hex(plaintext), fingerprint: fingerprint(identity, plaintext), envelope: hex(envelope),
    });
    return envelope;
  };
  const broken = (name, envelope, context = home) => cases.push({ name, ...context, envelope: hex(envelope), opens: false });

  const envelope = sealed('a value', 2, home, Buffer.from('sk-live-0123456789'));
  const other = sealed('another value of the same variable', 2, home, Buffer.from('sk-live-9876543210'));
  const empty = sealed('an empty value is a value', 2, { ...home, version: 1 }, Buffer.alloc(0));
  sealed('under an earlier key', 1, home, Buffer.from('older'));
  sealed('a subject that is not ASCII', 2, { ...home, subject: 'variable/prod/personal:someone@example.org/Schlüssel🔑' }, Buffer.from('für dich'));
  sealed('bytes that are no text', 2, home, Buffer.from([0, 255, 128, 10, 0]));
  sealed('a kibibyte, at the last version', 2, { ...home, version: 2147483647 }, Buffer.alloc(1024, 0xa5));

  const fields = {
    'format byte': 0, 'key version': 4, 'nonce of the data key': 5, 'data key': 17, 'tag of the data key': 49,
    'nonce of the value': 65, value: 77, 'tag of the value': envelope.length - 1,
  };
  for (const [field, offset] of Object.entries(fields)) {
    const flipped = Buffer.from(envelope);
    flipped[offset] ^= 1;
    broken(`a bit flipped: ${field}`, flipped);
  }

  const unknownFormat = Buffer.from(envelope);
  unknownFormat[0] = 2;
  broken('an unknown format', unknownFormat);
  const unknownKey = Buffer.from(envelope);
  unknownKey.writeInt32BE(-1, 1);
  broken('an unknown key version', unknownKey);
  broken('nothing', Buffer.alloc(0));
  broken('cut off: the last byte', envelope.subarray(0, -1));
  broken('cut off: the value', envelope.subarray(0, 77));
  broken('one byte too short for any value', empty.subarray(0, -1), { ...home, version: 1 });
  broken('a byte too many', Buffer.concat([envelope, Buffer.alloc(1)]));
  broken('in another organization', envelope, { ...home, organization: 'bcdefghijk' });
  broken('at another variable', envelope, { ...home, subject: 'variable/prod/organization/OPENAI_API_KEZ' });
  broken('in another environment', envelope, { ...home, subject: 'variable/dev/organization/OPENAI_API_KEY' });
  broken('in another scope', envelope, { ...home, subject: 'variable/prod/project:web/OPENAI_API_KEY' });
  broken('as another version', envelope, { ...home, version: 2 });
  broken('a border between two fields moved', envelope, { ...home, organization: 'abcdefghijv', subject: 'ariable/prod/organization/OPENAI_API_KEY' });
  broken('the value of one under the data key of another', Buffer.concat([envelope.subarray(0, 65), other.subarray(65)]));
  const swapped = seal(keys, 2, home, randomness('a value'), Buffer.from('x'));
  encrypt(keys[1], randomness('a value').dataKeyNonce, randomness('a value').dataKey, additionalData('secretfunctions.data-key.v1', home)).copy(swapped, 17);
  broken('wrapped by another key than it says', swapped);
  const unlabelled = seal(keys, 2, home, randomness('a value'), Buffer.from('x'));
  encrypt(keys[2], randomness('a value').dataKeyNonce, randomness('a value').dataKey, additionalData('secretfunctions.value.v1', home)).copy(unlabelled, 17);
  broken('a data key wrapped under the label of values', unlabelled);

  const older = cases.find((vector) => vector.name === 'under an earlier key');
  const rewraps = [
    ['an envelope under an earlier key', home, bytes(older.envelope)],
    ['one under the current key', home, envelope],
    ['in another place', { ...home, version: 2 }, bytes(older.envelope), false],
    ['a changed data key', home, Buffer.from(bytes(older.envelope)).fill(0, 20, 21), false],
    ['an unknown key version', home, unknownKey, false],
    ['an unknown format', home, unknownFormat, false],
    ['nothing', home, Buffer.alloc(0), false],
  ].map(([name, context, from, opens]) => {
    const fresh = sample(`rewrapped: ${name}`, 12);
    return { name, ...context, nonce: hex(fresh), from: hex(from), ...(opens === false ? { opens } : { to: hex(rewrap(keys, context, from, fresh)) }) };
  });

  const nonce = sample('root nonce', 12);
  const bound = Buffer.concat([keys[1], binding(home.organization, 'wrapping', 1)]);
  const wrapped = rootWrap(root, nonce, bound);
  const flip = (offset) => { const copy = Buffer.from(wrapped); copy[offset] ^= 1; return copy; };
  const rootCases = [
    { name: 'an organization key beside what it is for', plaintext: hex(bound), wrapped: hex(wrapped) },
    { name: 'nothing', plaintext: '', wrapped: hex(rootWrap(root, sample('another root nonce', 12), Buffer.alloc(0))) },
    { name: 'a bit flipped: version', wrapped: hex(flip(0)), opens: false },
    { name: 'a bit flipped: nonce', wrapped: hex(flip(1)), opens: false },
    { name: 'a bit flipped: key', wrapped: hex(flip(13)), opens: false },
    { name: 'a bit flipped: tag', wrapped: hex(flip(wrapped.length - 1)), opens: false },
    { name: 'cut off', wrapped: hex(wrapped.subarray(0, 28)), opens: false },
    { name: 'empty', wrapped: '', opens: false },
    { name: 'wrapped by another root key', wrapped: hex(rootWrap(sample('another root key', 32), nonce, bound)), opens: false },
  ];

  writeFileSync(file, `${JSON.stringify({
    about: 'Sealed values. All in hexadecimal. randomness: the data key, its nonce, the nonce of the value. opens false: must not open. tests/vectors/vault.mjs says how they are made.',
    organizationKeys: { 1: hex(keys[1]), 2: hex(keys[2]) },
    identityKey: hex(identity),
    cases,
    rewraps,
    root: { key: hex(root), id: rootId(root), organization: home.organization, purpose: 'wrapping', version: 1, cases: rootCases },
  }, null, 1)}\n`);
}

function check() {
  const vectors = JSON.parse(readFileSync(file));
  const keys = Object.fromEntries(Object.entries(vectors.organizationKeys).map(([version, key]) => [version, bytes(key)]));
  const identity = bytes(vectors.identityKey);
  const root = bytes(vectors.root.key);
  const wrong = [];
  const expect = (name, holds) => holds || wrong.push(name);

  for (const vector of vectors.cases) {
    const opened = open(keys, vector, bytes(vector.envelope));
    if (vector.opens === false) {
      expect(vector.name, opened === null);
      continue;
    }

    const random = bytes(vector.randomness);
    const parts = { dataKey: random.subarray(0, 32), dataKeyNonce: random.subarray(32, 44), valueNonce: random.subarray(44) };
    expect(vector.name, opened !== null && hex(opened) === vector.plaintext);
    expect(`${vector.name}, sealed`, hex(seal(keys, vector.keyVersion, vector, parts, bytes(vector.plaintext))) === vector.envelope);
    expect(`${vector.name}, fingerprint`, fingerprint(identity, bytes(vector.plaintext)) === vector.fingerprint);
  }

  for (const vector of vectors.rewraps) {
    const to = rewrap(keys, vector, bytes(vector.from), bytes(vector.nonce));
    expect(`rewrapped: ${vector.name}`, vector.opens === false ? to === null : to !== null && hex(to) === vector.to && hex(open(keys, vector, to)) === hex(open(keys, vector, bytes(vector.from))));
  }

  expect('root key id', rootId(root) === vectors.root.id);
  for (const vector of vectors.root.cases) {
    const opened = rootUnwrap(root, bytes(vector.wrapped));
    expect(vector.name, vector.opens === false ? opened === null : opened !== null && hex(opened) === vector.plaintext);
  }

  console.log(`${vectors.cases.length + vectors.rewraps.length + vectors.root.cases.length} cases, ${wrong.length} wrong`);
  wrong.forEach((name) => console.log(`wrong: ${name}`));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (process.argv.includes('--write')) {
  write();
}

check();
