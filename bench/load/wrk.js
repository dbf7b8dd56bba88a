// One run of wrk.
'use strict';
const { spawn } = require('node:child_process');
const path = require('node:path');
const { driverCore } = require('./processes.js');

function drive(url, connections, seconds, bodyFile, key) {
  return new Promise((resolve, reject) => {
    const wrk = spawn('taskset', ['-c', driverCore, 'wrk', '-t', '1', '-c', String(connections), '-d', `${seconds}s`,
      '-s', path.join(__dirname, 'wrk.lua'), `${url}/v1/resolve`, '--', bodyFile, key]);
    let output = '';
    wrk.stdout.on('data', (data) => { output += data; });
    wrk.stderr.on('data', (data) => { output += data; });
    wrk.on('error', reject);
    wrk.on('exit', (code) => {
      const line = output.split('\n').find((text) => text.startsWith('{'));
      if (code !== 0 || !line) {
        reject(new Error(`wrk failed:\n${output}`));
        return;
      }
      const result = JSON.parse(line);
      resolve({ ...result, perSecond: (result.requests * 1e6) / result.microseconds });
    });
  });
}

module.exports = { drive };
