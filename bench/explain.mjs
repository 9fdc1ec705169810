/*
 * npm run bench:explain: reads a generated log through `tlsmedic explain FILE --json` and through `grep -cE` with one alternation of the same phrases, interleaved,
 * by CPU time (user + system) of the whole process. Gates: 100 MB/s on one core, and within 4 times grep. (`grep -ciE`, which compares as explain does, is shown beside it.)
 * A log of nothing but TLS failures, the worst there is, is read too: 6 MB/s.
 *
 *   node bench/explain.mjs [--megabytes 256] [--rounds 3] [--json]
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FLOOR_MB_PER_S = 100;
const CEILING_OVER_GREP = 4;
const FAILURES_FLOOR_MB_PER_S = 6;
const megabytes = Number(argument('--megabytes') ?? 256);
const rounds = Number(argument('--rounds') ?? 3);
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'tlsmedic-explain-'));
const program = join(root, 'bin/run.js');

/** A repeatable stream of numbers in [0, 1): the log is the same in every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A share of the lines (one in 200) is about TLS; the rest is what access logs, JSON logs, klog, brokers and databases write all day. */
function writeLog(path, size, share = 1 / 200) {
  const next = numbers(7);
  const int = (most) => Math.floor(next() * most);
  const pick = (list) => list[int(list.length)];
  const ip = () => `10.${int(256)}.${int(256)}.${int(256)}`;
  const hex = (digits) => Array.from({ length: digits }, () => int(16).toString(16)).join('');
  const ordinary = [
    (t) =>
      `${ip()} - - [${t.access}] "GET /api/orders/${int(9999)} HTTP/1.1" ${pick([200, 200, 200, 304, 404])} ${int(9000)} "-" "okhttp/4.12.0"`,
    (t) =>
      `${ip()} - - [${t.access}] "POST /api/cart HTTP/2.0" 201 ${int(900)} "https://shop.example/checkout" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"`,
    (t) =>
      `{"level":"info","ts":"${t.iso}","caller":"orders/handler.go:${int(400)}","msg":"order accepted","order":"${hex(8)}","customer":"c-${int(99999)}","took_ms":${int(90)},"trace_id":"${hex(32)}"}`,
    (t) =>
      `I1122 ${t.time}.${100000 + int(899999)}       1 httplog.go:132] "HTTP" verb="GET" URI="/readyz" latency="${int(9)}.${int(9)}ms" userAgent="kube-probe/1.29" resp=200`,
    (t) =>
      `I1122 ${t.time}.${100000 + int(899999)}       1 trace.go:236] Trace[${int(1e9)}]: "List" accept:application/json, audit-id:${hex(8)} (total time: ${int(900)}ms)`,
    (t) => `${t.plain} [info] <0.${int(9999)}.0> accepting AMQP connection <0.${int(9999)}.0> (${ip()}:${int(65000)} -> 10.8.2.2:5672)`,
    (t) =>
      `${t.plain}.${100 + int(900)}  INFO 1 --- [nio-8080-exec-${int(9)}] c.e.orders.OrderController               : order ${hex(8)} accepted in ${int(90)} ms`,
    (t) =>
      `time="${t.iso}" level=info msg="reconcile finished" controller=certificates namespace=team-${int(40)} name=web-${int(99)} duration=${int(900)}ms`,
    (t) =>
      `${t.plain} UTC [${int(30000)}] LOG:  duration: ${int(900)}.${int(999)} ms  statement: SELECT id, state FROM orders WHERE customer = $1 AND created > now() - interval '1 day'`,
    () => `\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:${int(900)})`,
  ];
  const about = [
    (t) =>
      `${t.slash} [info] 31#31: *${int(99999)} SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: ${ip()}, server: 0.0.0.0:443`,
    (t) => `${t.slash} http: TLS handshake error from ${ip()}:${int(65000)}: remote error: tls: bad certificate`,
    (t) =>
      `{"level":"error","ts":"${t.iso}","msg":"call failed","error":"Post \\"https://payments.example:8443/v1/charge\\": x509: certificate has expired or is not yet valid: current time ${t.iso} is after 2026-11-21T23:51:00Z"}`,
    (t) =>
      `${t.plain}.123 ERROR 1 --- [nio-8080-exec-4] c.e.PaymentClient : PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target`,
    (t) => `${t.plain} UTC [${int(30000)}] LOG:  could not accept SSL connection: certificate verify failed`,
    (t) => `${t.plain} WARN upstream connect error, connection reset by peer ${ip()}:${int(65000)}`,
  ];
  const file = openSync(path, 'w');
  let written = 0;
  let second = Date.UTC(2026, 10, 22);
  while (written < size) {
    const block = [];
    let length = 0;
    while (length < 4 << 20) {
      second += 40;
      const iso = new Date(second).toISOString();
      const plain = iso.slice(0, 19).replace('T', ' ');
      const t = {
        iso,
        plain,
        time: iso.slice(11, 19),
        slash: plain.replaceAll('-', '/'),
        access: `${iso.slice(8, 10)}/Nov/2026:${iso.slice(11, 19)} +0000`,
      };
      const line = (next() < share ? pick(about) : pick(ordinary))(t);
      block.push(line);
      length += line.length + 1;
    }
    const text = `${block.join('\n')}\n`;
    writeSync(file, text);
    written += text.length;
  }
  closeSync(file);
  return written;
}

/** CPU seconds of a program, as the kernel counted them. Its exit status is not looked at: explain's is that of a class. */
function measure(command, args, env) {
  const times = join(work, 'times');
  const ran = spawnSync(
    '/usr/bin/env',
    ['bash', '-c', `TIMEFORMAT='%U %S'; { time "$@" >${work}/out 2>${work}/err; } 2>${times}; exit 0`, 'bash', command, ...args],
    { env },
  );
  if (ran.status !== 0) throw new Error(`${command}: ${ran.stderr}`);
  const [user, system] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
  return user + system;
}

async function phrases() {
  const bundle = join(work, 'stacks.mjs');
  await build({
    entryPoints: [join(root, 'src/lib/messages/stacks.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
    logLevel: 'error',
  });
  const { PATTERNS } = await import(bundle);
  return [...new Set(PATTERNS.flatMap((pattern) => pattern.phrases))];
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function argument(name) {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

try {
  const log = join(work, 'day.log');
  const size = writeLog(log, megabytes * 1e6);
  const failures = join(work, 'failures.log');
  const failuresSize = writeLog(failures, Math.min(megabytes, 32) * 1e6, 1);
  const list = await phrases();
  const alternation = list.map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = join(work, 'alternation');
  writeFileSync(pattern, alternation);
  const env = { ...process.env, NO_COLOR: '1', LC_ALL: 'C' };
  for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'FORCE_COLOR']) delete env[name];
  const explain = [];
  const explainFailures = [];
  const grep = [];
  const grepIgnoringCase = [];
  measure(process.execPath, [program, 'explain', log, '--json'], env);
  for (let round = 0; round < rounds; round += 1) {
    explain.push(measure(process.execPath, [program, 'explain', log, '--json'], env));
    explainFailures.push(measure(process.execPath, [program, 'explain', failures, '--json'], env));
    grep.push(measure('grep', ['-cE', '-f', pattern, log], env));
    grepIgnoringCase.push(measure('grep', ['-ciE', '-f', pattern, log], env));
  }
  measure(process.execPath, [program, 'explain', log, '--json'], env);
  const document = JSON.parse(readFileSync(join(work, 'out'), 'utf8'));
  const seconds = median(explain);
  const result = {
    megabytes: size / 1e6,
    phrases: list.length,
    lines: document.lines,
    causes: document.causes.length,
    explainMBperS: Math.round(size / 1e6 / seconds),
    explainFailuresMBperS: Number((failuresSize / 1e6 / median(explainFailures)).toFixed(1)),
    grepMBperS: Math.round(size / 1e6 / median(grep)),
    grepIgnoringCaseMBperS: Math.round(size / 1e6 / median(grepIgnoringCase)),
    timesGrep: Number((seconds / median(grep)).toFixed(2)),
    timesGrepIgnoringCase: Number((seconds / median(grepIgnoringCase)).toFixed(2)),
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
  else console.table(result);
  const missed = [
    ...(result.explainMBperS < FLOOR_MB_PER_S ? [`${result.explainMBperS} MB/s, wanted ${FLOOR_MB_PER_S}`] : []),
    ...(result.timesGrep > CEILING_OVER_GREP ? [`${result.timesGrep} times grep, wanted ${CEILING_OVER_GREP}`] : []),
  ];
  if (result.explainFailuresMBperS < FAILURES_FLOOR_MB_PER_S)
    missed.push(`${result.explainFailuresMBperS} MB/s of failures, wanted ${FAILURES_FLOOR_MB_PER_S}`);
  for (const miss of missed) console.error(`missed: ${miss}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}
