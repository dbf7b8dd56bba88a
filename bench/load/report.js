// Medians, ratios, and where they were measured.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root } = require('./processes.js');

const required = { 64: 0.45, 16: 0.30 };
const published = { native: 'native code', runtime: 'ReadyToRun, on an installed runtime' };

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const spread = (numbers) => `${Math.min(...numbers).toFixed(0)}-${Math.max(...numbers).toFixed(0)}`;
const git = (...args) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();

function summarize({ given, starts, load, audit, cpu, cpus }) {
  const changed = git('status', '--porcelain', '--', 'src', 'bench/load', 'Directory.Build.props') !== '';
  return {
    commit: git('rev-parse', '--short', 'HEAD') + (changed ? ' and uncommitted changes' : ''),
    date: git('log', '-1', '--format=%cs'),
    machine: { cpu, cpus, kernel: os.release(), runtime: execFileSync('dotnet', ['--version'], { encoding: 'utf8' }).trim(), loadAverage: Number(os.loadavg()[2].toFixed(1)) },
    given: { rounds: given.rounds, seconds: given.seconds, starts: given.starts },
    load: load.map(({ connections, runs }) => {
      const of = (name) => {
        const rates = runs[name].map((run) => run.perSecond);
        return { perSecond: Math.round(median(rates)), spread: spread(rates), p50Us: median(runs[name].map((run) => run.p50)), p99Us: median(runs[name].map((run) => run.p99)) };
      };
      const ratios = runs.server.map((run, i) => run.perSecond / runs.bare[i].perSecond);
      return { connections, bare: of('bare'), resolve: of('server'), ratio: Number(median(ratios).toFixed(3)), ratios: ratios.map((ratio) => Number(ratio.toFixed(3))), required: required[connections] };
    }),
    start: given.starts === 0 ? null : Object.fromEntries(Object.entries(starts).map(([way, times]) => [way, {
      bareMs: Math.round(median(times.bare)), resolveMs: Math.round(median(times.server)), bareSpread: spread(times.bare), resolveSpread: spread(times.server),
      ratio: Number((median(times.server) / median(times.bare)).toFixed(3)),
    }])),
    audit,
  };
}

function toMarkdown(summary) {
  const { machine, given, load, start, audit } = summary;
  const lines = [
    '# A hot resolve of 20 values against bare Kestrel', '',
    `Commit ${summary.commit} (${summary.date}). ${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel}, .NET SDK ${machine.runtime}; the server on one core, wrk on another. Load of the machine over 15 minutes: ${machine.loadAverage}.`,
    `Medians of ${given.rounds} interleaved pairs of ${given.seconds} s runs; a ratio is the median of the pairs' ratios. Both apps published the same way, as native code.`, '',
    '| connections | bare Kestrel/s | resolve/s | ratio | at least | p50, bare and resolve | p99 |', '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...load.map((row) => `| ${row.connections} | ${row.bare.perSecond} (${row.bare.spread}) | ${row.resolve.perSecond} (${row.resolve.spread}) | **${row.ratio}** | ${row.required ?? ''} ` +
      `| ${row.bare.p50Us}, ${row.resolve.p50Us} µs | ${row.bare.p99Us}, ${row.resolve.p99Us} µs |`),
  ];
  if (start) {
    lines.push('', `Start-up, from the start of the process to its first answer, medians of ${given.starts} interleaved starts:`, '',
      '| both published as | bare | first resolve | ratio |', '| --- | ---: | ---: | ---: |',
      ...Object.entries(start).map(([way, row]) => `| ${published[way]} | ${row.bareMs} ms (${row.bareSpread}) | ${row.resolveMs} ms (${row.resolveSpread}) | **${row.ratio}** |`),
      '', `The server as it is published, to the bare app on an installed runtime: **${(start.native.resolveMs / start.runtime.bareMs).toFixed(3)}**.`);
  }
  if (audit) {
    lines.push('', `Every answer was a 200. Audit: ${audit.recorded} events for ${audit.answered} answers and ${audit.unanswered} requests that a run's end cut off; ` +
      `then ${audit.exact} events for ${audit.exact} answers.`);
  }
  return `${lines.join('\n')}\n`;
}

function writeResults(measured) {
  const summary = summarize(measured);
  const markdown = toMarkdown(summary);
  console.log(`\n${markdown}`);
  if (measured.given.name) {
    const file = path.join(root, 'bench/results', measured.given.name);
    fs.writeFileSync(`${file}.json`, `${JSON.stringify(summary, null, 2)}\n`);
    fs.writeFileSync(`${file}.md`, markdown);
  }
}

module.exports = { median, writeResults };
