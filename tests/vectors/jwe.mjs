// Writes and checks tests/vectors/jwe.json: values that clients seal, and the key agreement of RFC 7518, told a second time and by other means than
// the service's own code.
//   node tests/vectors/jwe.mjs           checks every case; ends with 1 where one does not hold
//   node tests/vectors/jwe.mjs --write   writes the file anew
import { constants, createCipheriv, createDecipheriv, createECDH, createHash, createPrivateKey, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('jwe.json', import.meta.url);
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const kid = 'the-sealing-key';
const good = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid };

const wrap = (key, contentKey, how = oaep) => publicEncrypt({ key, ...how }, contentKey);

function seal(encryptedKey, contentKey, plaintext, header = JSON.stringify(good)) {
  const iv = randomBytes(12);
  const protectedHeader = b64(header);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [protectedHeader, b64(encryptedKey), b64(iv), b64(ciphertext), b64(cipher.getAuthTag())];
}

function open(key, jwe) {
  const [header, encryptedKey, iv, ciphertext, tag] = jwe.split('.');
  try {
    const contentKey = privateDecrypt({ key, ...oaep }, Buffer.from(encryptedKey, 'base64url'));
    const cipher = createDecipheriv('aes-256-gcm', contentKey, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
    cipher.setAAD(Buffer.from(header));
    cipher.setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([cipher.update(Buffer.from(ciphertext, 'base64url')), cipher.final()]);
  } catch {
    return null;
  }
}

// RFC 7518 appendix C: the keys and the derived key are the standard's own.
const agreement = {
  curve: 'P-256',
  own: { x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps', d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo' },
  other: { x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ', y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck' },
  algorithm: 'A128GCM', partyU: 'Alice', partyV: 'Bob', keyBits: 128,
  derived: 'VqqN6vgjbSBcIijNcacQGg',
};

function derive({ own, other, algorithm, partyU, partyV, keyBits }) {
  const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
  const behindLength = (text) => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)]);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(own.d, 'base64url'));
  const shared = ecdh.computeSecret(Buffer.concat([Buffer.from([4]), Buffer.from(other.x, 'base64url'), Buffer.from(other.y, 'base64url')]));
  const info = [behindLength(algorithm), behindLength(partyU), behindLength(partyV), number(keyBits)];
  return b64(createHash('sha256').update(Buffer.concat([number(1), shared, ...info])).digest().subarray(0, keyBits / 8));
}

function write() {
  // Nobody's key: made for this file, and in it.
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const contentKey = randomBytes(32);
  const encryptedKey = wrap(publicKey, contentKey);
  const cases = [];

  const opens = (name, plaintext, header) =>
    cases.push({ name, jwe: seal(encryptedKey, contentKey, Buffer.from(plaintext), header && JSON.stringify(header)).join('.'), plaintext: b64(plaintext) });
  opens('a value', 'sk-live-0123456789');
  opens('an empty value is a value', '');
  opens('a value that is not ASCII', 'für dich 🔑');
  opens('bytes that are no text', Buffer.from([0, 255, 128]));
  opens('with a type and a content type', 'x', { ...good, typ: 'JOSE', cty: 'text/plain' });
  cases.push({ name: 'members in another order, with blanks', jwe: seal(encryptedKey, contentKey, Buffer.from('x'), ` { "kid" : "${kid}",\n "enc":"A256GCM", "alg":"RSA-OAEP-256" } `).join('.'), plaintext: b64('x') });
  cases.push({ name: 'a member written with an escape', jwe: seal(encryptedKey, contentKey, Buffer.from('x'), `{"\\u0061lg":"RSA-OAEP-256","enc":"A256GCM","kid":"${kid}"}`).join('.'), plaintext: b64('x') });

  const value = seal(encryptedKey, contentKey, Buffer.from('sk-live-0123456789'));
  const other = seal(wrap(publicKey, randomBytes(32)), randomBytes(32), Buffer.from('sk-live-0123456789'));
  const with_ = (index, part) => value.map((old, at) => (at === index ? part : old)).join('.');
  const flip = (part) => { const bytes = Buffer.from(part, 'base64url'); bytes[0] ^= 1; return b64(bytes); };
  const stays = (name, jwe) => cases.push({ name, jwe, opens: false });
  ['encrypted key', 'initialization vector', 'ciphertext', 'tag'].forEach((part, at) => stays(`a bit flipped: ${part}`, with_(at + 1, flip(value[at + 1]))));
  ['encrypted key', 'initialization vector', 'ciphertext', 'tag'].forEach((part, at) => stays(`of another value: ${part}`, with_(at + 1, other[at + 1])));
  stays('another header that says the same', with_(0, b64(JSON.stringify({ kid, ...good }))));
  stays('another header that says more', with_(0, b64(JSON.stringify({ ...good, cty: 'json' }))));
  stays('a ciphertext cut off', with_(3, b64(Buffer.from(value[3], 'base64url').subarray(1))));
  stays('a ciphertext with a byte too many', with_(3, b64(Buffer.concat([Buffer.from(value[3], 'base64url'), Buffer.alloc(1)]))));
  stays('no ciphertext', with_(3, ''));
  stays('an encrypted key of zeros', with_(1, b64(Buffer.alloc(256))));
  stays('an encrypted key beyond the modulus', with_(1, b64(Buffer.alloc(256, 0xff))));
  stays('a content key too short', with_(1, b64(wrap(publicKey, contentKey.subarray(0, 16)))));
  stays('a content key too long', with_(1, b64(wrap(publicKey, Buffer.concat([contentKey, contentKey])))));
  stays('no content key', with_(1, b64(wrap(publicKey, Buffer.alloc(0)))));
  stays('the content key under RSA-OAEP with SHA-1', with_(1, b64(wrap(publicKey, contentKey, { ...oaep, oaepHash: 'sha1' }))));
  stays('the content key under RSA-OAEP with SHA-512', with_(1, b64(wrap(publicKey, contentKey, { ...oaep, oaepHash: 'sha512' }))));
  stays('the content key under RSA-OAEP with a label', with_(1, b64(wrap(publicKey, contentKey, { ...oaep, oaepLabel: Buffer.from('label') }))));
  stays('the content key under PKCS #1 v1.5', with_(1, b64(wrap(publicKey, contentKey, { padding: constants.RSA_PKCS1_PADDING }))));
  stays('the content key under another key', with_(1, b64(wrap(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey, contentKey))));
  stays('the content key in plain', with_(1, b64(Buffer.concat([Buffer.alloc(224), contentKey]))));

  const refused = (name, code, jwe) => cases.push({ name, jwe, code });
  const header = (members) => with_(0, b64(typeof members === 'string' ? members : JSON.stringify(members)));
  const malformed = 'sealed_value.malformed';
  refused('nothing', malformed, '');
  refused('four parts', malformed, value.slice(0, 4).join('.'));
  refused('six parts', malformed, `${value.join('.')}.`);
  refused('a signed token', malformed, value.slice(0, 3).join('.'));
  refused('the JSON serialization', malformed, JSON.stringify({ protected: value[0], encrypted_key: value[1], iv: value[2], ciphertext: value[3], tag: value[4] }));
  refused('padding', malformed, `${value.join('.')}==`);
  refused('padding in the middle', malformed, with_(2, `${value[2]}=`));
  refused('a blank before', malformed, ` ${value.join('.')}`);
  refused('a line end behind', malformed, `${value.join('.')}\n`);
  refused('a line end within', malformed, with_(3, `${value[3].slice(0, 4)}\n${value[3].slice(4)}`));
  refused('base64 that is not for addresses', malformed, with_(4, `+/${value[4].slice(2)}`));
  refused('bits that mean nothing', malformed, with_(4, `${value[4].slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[value[4].at(-1)]}`));
  refused('a part of impossible length', malformed, with_(3, 'AAAAA'));
  refused('no encrypted key', malformed, with_(1, ''));
  refused('no initialization vector', malformed, with_(2, ''));
  refused('an initialization vector of 128 bits', malformed, with_(2, b64(Buffer.alloc(16))));
  refused('a tag of 96 bits', malformed, with_(4, b64(Buffer.alloc(12))));
  refused('no tag', malformed, with_(4, ''));
  refused('no header', malformed, with_(0, ''));
  refused('a header that is no JSON', malformed, header('{'));
  refused('a header that is a list', malformed, header('[]'));
  refused('a header with something behind it', malformed, header(`${JSON.stringify(good)}{}`));
  refused('a header with a comment', malformed, header(`{/**/"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"${kid}"}`));
  refused('a header behind a byte-order mark', malformed, header(`\ufeff${JSON.stringify(good)}`));
  refused('a header that is no UTF-8', malformed, with_(0, b64(Buffer.concat([Buffer.from('{"kid":"'), Buffer.from([0xff]), Buffer.from('"}')]))));
  refused('a header with half a character', malformed, header('{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"\\ud800"}'));
  refused('an algorithm twice', malformed, header(`{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"${kid}","alg":"RSA-OAEP-256"}`));
  refused('an algorithm twice, once with an escape', malformed, header(`{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"${kid}","\\u0061lg":"dir"}`));
  refused('a header too long', malformed, header({ ...good, cty: 'x'.repeat(2048) }));
  for (const alg of ['RSA-OAEP', 'RSA-OAEP-512', 'RSA1_5', 'dir', 'none', 'ECDH-ES', 'A256KW', 'rsa-oaep-256', 'RS256', '']) {
    refused(`alg ${alg}`, 'sealed_value.algorithm_unsupported', header({ ...good, alg }));
  }

  for (const enc of ['A128GCM', 'A192GCM', 'A256CBC-HS512', 'a256gcm', '']) {
    refused(`enc ${enc}`, 'sealed_value.algorithm_unsupported', header({ ...good, enc }));
  }

  refused('no alg', 'sealed_value.algorithm_unsupported', header({ enc: good.enc, kid }));
  refused('no enc', 'sealed_value.algorithm_unsupported', header({ alg: good.alg, kid }));
  refused('no kid', 'sealed_value.key_unknown', header({ alg: good.alg, enc: good.enc }));
  refused('an empty kid', 'sealed_value.key_unknown', header({ ...good, kid: '' }));
  const others = { zip: 'DEF', crit: ['exp'], p2c: 1, jwk: { kty: 'RSA' }, x5u: 'https://example.com', jku: 'https://example.com', epk: {}, apu: 'QQ', iv: 'QQ', tag: 'QQ' };
  for (const [name, member] of Object.entries(others)) {
    refused(`a header with ${name}`, 'sealed_value.header_unsupported', header({ ...good, [name]: member }));
  }

  refused('a kid that is a number', 'sealed_value.header_unsupported', header({ ...good, kid: 1 }));
  refused('an alg that is a list', 'sealed_value.header_unsupported', header({ ...good, alg: ['RSA-OAEP-256'] }));
  refused('an enc that is null', 'sealed_value.header_unsupported', header({ ...good, enc: null }));

  writeFileSync(file, `${JSON.stringify({
    about: 'Values that clients seal, for the key below. plaintext: opens to this, in base64url. opens false: is taken apart and must not open. code: is not even taken apart. tests/vectors/jwe.mjs says how they are made. agreement: RFC 7518 appendix C.',
    kid,
    key: privateKey.export({ format: 'jwk' }),
    cases,
    agreement,
  }, null, 1)}\n`);
}

function check() {
  const vectors = JSON.parse(readFileSync(file));
  const key = createPrivateKey({ format: 'jwk', key: vectors.key });
  const wrong = [];
  for (const { name, jwe, plaintext, code } of vectors.cases) {
    const holds = code !== undefined || (plaintext === undefined ? open(key, jwe) === null : open(key, jwe)?.equals(Buffer.from(plaintext, 'base64url')));
    holds || wrong.push(name);
  }

  derive(vectors.agreement) === vectors.agreement.derived || wrong.push('key agreement');
  console.log(`${vectors.cases.length} cases, ${wrong.length} wrong`);
  wrong.forEach((name) => console.log(`wrong: ${name}`));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (process.argv.includes('--write')) {
  write();
}

check();
