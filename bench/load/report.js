// Medians, ratios, and where they were measured.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root } = require('./processes.js');

const required = { 64: 0.45, 16: 0.30 };
const requiredStart = 1.4;

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
    start: given.starts === 0 ? null : {
      bareMs: Math.round(median(starts.bare)), resolveMs: Math.round(median(starts.server)), bareSpread: spread(starts.bare), resolveSpread: spread(starts.server),
      ratio: Number((median(starts.server) / median(starts.bare)).toFixed(3)), required: requiredStart,
    },
    audit,
  };
}

function toMarkdown(summary) {
  const { machine, given, load, start, audit } = summary;
  const lines = [
    '# A hot resolve of 20 values against bare Kestrel', '',
    `Commit ${summary.commit} (${summary.date}). ${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel}, .NET SDK ${machine.runtime}; the server on one core, wrk on another. Load of the machine over 15 minutes: ${machine.loadAverage}.`,
    `Medians of ${given.rounds} interleaved pairs of ${given.seconds} s runs; a ratio is the median of the pairs' ratios. Both apps Release, ReadyToRun.`, '',
    '| connections | bare Kestrel/s | resolve/s | ratio | at least | p50, bare and resolve | p99 |', '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...load.map((row) => `| ${row.connections} | ${row.bare.perSecond} (${row.bare.spread}) | ${row.resolve.perSecond} (${row.resolve.spread}) | **${row.ratio}** | ${row.required ?? ''} ` +
      `| ${row.bare.p50Us}, ${row.resolve.p50Us} µs | ${row.bare.p99Us}, ${row.resolve.p99Us} µs |`),
  ];
  if (start) {
    lines.push('', `Start-up, process start to first answer, medians of ${given.starts} interleaved starts: bare ${start.bareMs} ms (${start.bareSpread}), first resolve ${start.resolveMs} ms ` +
      `(${start.resolveSpread}): **${start.ratio}**, at most ${start.required}.`);
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
