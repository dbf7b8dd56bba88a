// The processes under test, pinned to one core; everything that drives them runs on the other.
'use strict';
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const serverCore = '0';
const driverCore = '1';

function fail(message) {
  console.error(message);
  process.exit(1);
}

function requireTools() {
  for (const [tool, remedy] of [['wrk', 'apt-get install wrk'], ['taskset', 'apt-get install util-linux'], ['dotnet', 'install the .NET SDK that global.json names']]) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) {
      fail(`'${tool}' is missing: ${remedy}.`);
    }
  }
  if (os.cpus().length < 2) {
    fail('This needs two processors: one for the server, one for wrk.');
  }
  execFileSync('taskset', ['-cp', driverCore, String(process.pid)], { stdio: 'ignore' });
}

// Both apps the same way, each way: as their projects say, and with a lock file of its own, because the committed ones do not have a runtime identifier in all projects.
const ways = {
  native: [],
  runtime: ['-r', 'linux-x64', '--self-contained', 'false', '-p:PublishAot=false', '-p:PublishReadyToRun=true', '-p:NuGetLockFilePath=obj/publish.lock.json'],
};

function publish() {
  for (const [way, options] of Object.entries(ways)) {
    for (const [project, folder] of [['src/SecretFunctions.Server', 'server'], ['bench/load/Bare', 'bare']]) {
      console.log(`publishing ${project} (${way})`);
      const result = spawnSync('taskset', ['-c', `${serverCore},${driverCore}`, 'dotnet', 'publish', path.join(root, project), '-c', 'Release',
        ...options, '-o', path.join(root, 'artifacts/load', way, folder), '-v', 'quiet', '--nologo'], { encoding: 'utf8' });
      if (result.status !== 0) {
        fail(`${project} could not be published:\n${result.stdout}${result.stderr}`);
      }
    }
  }
}

class Server {
  constructor(way, folder, program, port, args, environment, answerFile) {
    this.program = path.join(root, 'artifacts/load', way, folder, program);
    this.url = `http://127.0.0.1:${port}`;
    this.port = port;
    this.args = [...(answerFile ? [answerFile] : []), '--urls', this.url, ...args];
    this.environment = environment;
    this.isBare = Boolean(answerFile);
    this.agent = new http.Agent({ keepAlive: true });
  }

  /** Milliseconds from the start of the process until `isReady` first says true. */
  async start(isReady) {
    if (!fs.existsSync(this.program)) {
      fail(`'${this.program}' is not there: run without --no-publish.`);
    }
    const started = process.hrtime.bigint();
    this.process = spawn('taskset', ['-c', serverCore, this.program, ...this.args], { env: { ...process.env, ...this.environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let ended = false;
    this.process.stdout.on('data', (data) => { output += data; });
    this.process.stderr.on('data', (data) => { output += data; });
    this.ended = new Promise((resolve) => this.process.on('exit', () => { ended = true; resolve(); }));
    while (!(await isReady())) {
      if (ended || process.hrtime.bigint() - started > 60_000_000_000n) {
        await this.stop();
        throw new Error(`${this.program} did not start:\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return Number(process.hrtime.bigint() - started) / 1e6;
  }

  async stop() {
    if (this.process) {
      this.agent.destroy();
      this.agent = new http.Agent({ keepAlive: true });
      this.process.kill('SIGTERM');
      await this.ended;
      this.process = undefined;
    }
  }

  /** Resolves to null where nobody listens yet. */
  request(method, target, key, body) {
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${key}` };
      if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
        headers['Content-Length'] = Buffer.byteLength(body);
      }
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path: target, headers, agent: this.agent }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts), headers: response.rawHeaders }));
      });
      request.on('error', (error) => (error.code === 'ECONNREFUSED' ? resolve(null) : reject(error)));
      request.end(body);
    });
  }
}

module.exports = { driverCore, fail, publish, requireTools, root, Server };
