// Verifies tokens as a service would that knows nothing but the issuer: openid-client discovers, jose fetches the keys and verifies.
// Each line of standard input is {"now": milliseconds, "token": "..."}; each gets a line in return. The clock is the lines'.
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { allowInsecureRequests, discovery } from 'openid-client';

const [issuer, audience] = process.argv.slice(2);
const hour = 3600_000;
let now = 0;
Date.now = () => now;

const configuration = await discovery(new URL(issuer), audience, undefined, undefined, { execute: [allowInsecureRequests] });
const metadata = configuration.serverMetadata();
const keysOf = (options) => createRemoteJWKSet(new URL(metadata.jwks_uri), options);

// One as jose comes, and one that keeps what it has for as long as the largest cloud does: it does not even look when a key is unknown.
const verifiers = { usual: keysOf(), lasting: keysOf({ cacheMaxAge: 23 * hour, cooldownDuration: 23 * hour }) };
console.log(`discovered ${metadata.issuer} ${metadata.id_token_signing_alg_values_supported}`);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  now = request.now;
  const answers = [];
  for (const [name, keys] of Object.entries(verifiers)) {
    try {
      const { payload, protectedHeader } = await jwtVerify(request.token, keys, {
        issuer: metadata.issuer,
        audience,
        algorithms: ['RS256'],
        typ: 'JWT',
        currentDate: new Date(now),
        clockTolerance: 0,
      });
      answers.push(`${name} ${payload.sub} ${protectedHeader.kid}`);
    } catch (error) {
      answers.push(`${name} refused ${error.code ?? error.message}`);
    }
  }

  console.log(answers.join(', '));
}
