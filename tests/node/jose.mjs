// npm jose, at the other end: each line of standard input is {"do": ..., ...}; each gets a line in return, {"error": code} where jose refuses.
import { createInterface } from 'node:readline';
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK } from 'jose';

const actions = {
  // A key pair of the recipient's own, as JWKs.
  async generate({ alg, crv, modulusLength }) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { crv, modulusLength, extractable: true });
    return { public: await exportJWK(publicKey), private: await exportJWK(privateKey) };
  },

  // As a client seals a value.
  async encrypt({ jwk, text, header }) {
    const key = header.alg === 'dir' ? new Uint8Array(32) : await importJWK(jwk, header.alg);
    return { jwe: await new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key) };
  },

  // As a client opens an answer.
  async decrypt({ jwk, alg, jwe }) {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(jwk, alg), {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return { text: new TextDecoder().decode(plaintext), header: protectedHeader };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = await actions[request.do](request);
  } catch (error) {
    answer = { error: error.code ?? error.message };
  }

  console.log(JSON.stringify(answer));
}
