// An automation with 20 assigned variables, and what must be true of its answers.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const variables = 20;

class Scenario {
  operatorKey = 'bench-operator-key-bench-operator-key';
  body = JSON.stringify({ environment: 'prod', kickoff: { id: 'run-42', kind: 'crew', triggeredBy: 'someone@example.org' } });
  values = Object.fromEntries(Array.from({ length: variables }, (_, i) =>
    [`SERVICE_${String(i).padStart(2, '0')}_TOKEN`, `value-of-${i}-`.padEnd(40, 'abcdefghij')]));
  answered = 0;
  mayBeUnanswered = 0;

  async isAlive(server) {
    return (await server.request('GET', '/health/live', this.operatorKey))?.status === 200;
  }

  async isAnswered(server) {
    const answer = await server.request('POST', '/v1/resolve', this.key, this.body);
    if (answer === null) {
      return false;
    }
    this.compare(answer);
    this.answered += server.isBare ? 0 : 1;
    return true;
  }

  async prepare(server) {
    const send = async (method, target, content) => {
      const answer = await server.request(method, target, this.operatorKey, JSON.stringify(content));
      if (answer.status >= 300) {
        throw new Error(`${method} ${target} answered ${answer.status}: ${answer.body}`);
      }
      return JSON.parse(answer.body);
    };
    await send('PUT', '/v1/automations/billing-crew', { project: 'default' });
    for (const [key, value] of Object.entries(this.values)) {
      await send('PUT', `/v1/variables/prod/${key}`, { value });
    }
    await send('PUT', '/v1/automations/billing-crew/assignments?environment=prod', { items: Object.keys(this.values).map((key) => ({ key })) });
    this.key = (await send('POST', '/v1/api-keys', { name: 'bench', principal: { type: 'automation', name: 'billing-crew' } })).key;
    const answer = await server.request('POST', '/v1/resolve', this.key, this.body);
    this.compare(answer);
    this.answered++;
    this.answer = answer.body;
    this.answerHeaders = answer.headers;
  }

  writeFiles(folder) {
    fs.writeFileSync(path.join(folder, 'answer.json'), this.answer);
    const bodyFile = path.join(folder, 'request.json');
    fs.writeFileSync(bodyFile, this.body);
    return bodyFile;
  }

  compare(answer) {
    if (answer.status !== 200) {
      throw new Error(`A resolve answered ${answer.status}: ${answer.body}`);
    }
    const found = JSON.parse(answer.body);
    if (JSON.stringify(found.variables) !== JSON.stringify(this.values) || found.sources.length !== variables) {
      throw new Error('A resolve answered with other values than were stored.');
    }
  }

  async compareDuring(app, seconds) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 500));
    await this.isAnswered(app);
  }

  /** Of a run: every answer a 200, and every answer as long as the one that was compared. */
  check(result, app, connections) {
    const headers = 'HTTP/1.1 200 OK\r\n\r\n'.length;
    if (result.badStatus > 0 || result.socketErrors > 0 || result.requests === 0) {
      throw new Error(`${app.url}: ${result.requests} answers, ${result.badStatus} of them not 200, ${result.socketErrors} broken connections.`);
    }
    const length = result.bytes / result.requests;
    const expected = this.answer.length + this.answerHeaders.reduce((sum, text) => sum + text.length + 2, headers);
    if (Math.abs(length - expected) > 100) {
      throw new Error(`${app.url}: answers have ${length.toFixed(0)} bytes on average, not about ${expected}.`);
    }
    if (!app.isBare) {
      this.answered += result.requests;
      this.mayBeUnanswered += connections;
    }
    return { ...result, answerBytes: length };
  }

  /**
   * Every answered resolve has its event. wrk ends a run by closing its connections, so that up to one request of each may have been
   * recorded and not answered; after them a number of requests that are all answered is counted exactly.
   */
  async checkAudit(server) {
    const before = await this.countResolves(server);
    const unanswered = before - this.answered;
    if (unanswered < 0 || unanswered > this.mayBeUnanswered) {
      throw new Error(`${this.answered} resolves were answered, but ${before} are in the audit log.`);
    }
    const more = 2000;
    const workers = Array.from({ length: 50 }, async () => {
      for (let i = 0; i < more / 50; i++) {
        await this.isAnswered(server);
      }
    });
    await Promise.all(workers);
    const after = await this.countResolves(server, more);
    if (after !== more) {
      throw new Error(`${more} resolves were answered, but ${after} events are new in the audit log.`);
    }
    return { recorded: before, answered: this.answered - more, unanswered, exact: more };
  }

  /** Over the API. With `newest`, one more than that many are looked at, and counted where they came after the first count. */
  async countResolves(server, newest = Infinity) {
    let count = 0;
    let cursor = '';
    let last = this.newestSeen;
    do {
      const page = await server.request('GET', `/v1/audit-events?limit=200${cursor}`, this.operatorKey);
      if (page.status !== 200) {
        throw new Error(`The audit log answered ${page.status}: ${page.body}`);
      }
      const { items, nextCursor } = JSON.parse(page.body);
      this.newestSeen = count === 0 && cursor === '' ? items[0].id : this.newestSeen;
      const known = newest === Infinity ? -1 : items.findIndex((item) => item.id === last);
      count += (known < 0 ? items : items.slice(0, known)).filter((item) => item.action === 'variable.resolve').length;
      cursor = nextCursor && known < 0 ? `&cursor=${encodeURIComponent(nextCursor)}` : null;
    } while (cursor);
    return count;
  }
}

module.exports = { Scenario };
