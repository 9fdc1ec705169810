import { CAUSE_CLASSES } from '../cause.js';
import type { Demo, DemoRow, OpenWorld, WorldListing } from '../lab/demo-document.js';
import { escapeForTerminal } from './escape.js';
import { count, displayWidth, hanging, padEnd, wrap } from './layout.js';
import type { View } from './view.js';

/** Width of the longest code, mark included. */
const CODE = 27;
/** Under the code. */
const INDENT = '    ';

/** What stands above the rows. */
export function renderDemoHeading(planned: number, view: View): string {
  const { style } = view;
  const { ok } = style.symbol;
  const key = (label: string, text: string): string => hanging(`${INDENT}${label}  `, text, view.width);
  return [
    style.bold(`${count(planned, 'server')} on this machine, all but one broken, each in its own way`),
    '',
    `${ok} ${padEnd('what tlsmedic finds', CODE - 2)}  ${style.dim('what a plain Node client says')}`,
    `${INDENT}what tlsmedic says of it`,
    style.dim(key(`fix ${ok}`, 'the fix, which was then applied; looked at again, the server is healthy')),
  ].join('\n');
}

/** One world: what both say, and the fix with what came of it. A heading where another class begins than that of `previous`. */
export function renderDemoRow(row: DemoRow, view: View, previous?: DemoRow): string {
  const { style } = view;
  const lines: string[] = [];
  const heading = headingOf(row);
  if (previous === undefined || headingOf(previous) !== heading) lines.push('', `${style.bold(heading)}${exitOf(heading, view)}`);
  const mark = row.right ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
  const code = row.said.split('/')[1] ?? row.said;
  const left = `${mark} ${padEnd(row.right ? style.ok(code) : style.fail(code), CODE - 2)}  `;
  const quiet = row.healed !== null && row.plainClientContent;
  const said = hanging(left, escapeForTerminal(row.plainClient), view.width).split('\n');
  // Yellow where a plain client notices nothing.
  lines.push(...(quiet ? said.map((line) => line.replace(escapeForTerminal(row.plainClient), (text) => style.warn(text))) : said));
  const sentence = row.causes[0]?.summary;
  if (sentence !== undefined) lines.push(hanging(INDENT, escapeForTerminal(sentence), view.width));
  lines.push(...healing(row, view));
  for (const fault of row.faults)
    lines.push(style.fail(hanging('  WRONG  ', `${escapeForTerminal(fault)}; it is ${row.expected}`, view.width)));
  return lines.join('\n');
}

/** The class, as a heading. */
function headingOf({ world, said, healed }: DemoRow): string {
  if (world.startsWith('several-')) return 'several causes at once';
  return healed === null ? 'and one in order' : (said.split('/')[0] ?? said);
}

/** The exit status by which scripts tell the class. */
function exitOf(heading: string, { style }: View): string {
  const known = Object.entries(CAUSE_CLASSES).find(([name]) => name === heading);
  return known === undefined ? '' : style.dim(`  exit status ${known[1].exit}`);
}

/** The fix, behind the mark of the second diagnosis: healthy or not. Never cut: it is there to be pasted. The remark behind it only where there is room. */
function healing(row: DemoRow, view: View): string[] {
  const { style } = view;
  if (row.healed === null) return [];
  const mark = row.healed ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
  const label = `${INDENT}${style.dim('fix')} ${mark}  `;
  const short = withoutRemark(row.fix);
  const room = view.width - displayWidth(label);
  if (displayWidth(row.fix) <= room) return [`${label}${style.command(row.fix)}`];
  if (displayWidth(short) <= room) return [`${label}${style.command(short)}`];
  // A line of its own, whole, as long as that is possible at all.
  return [label.trimEnd(), ...wrap(short, view.width - INDENT.length).map((line) => `${INDENT}${style.command(line)}`)];
}

/** The last lines: how many were right, how many healed. */
export function renderDemoSummary(demo: Demo, view: View): string {
  const { style } = view;
  const total = demo.worlds.length;
  const broken = demo.worlds.filter((row) => row.healed !== null).length;
  const cut = total < demo.planned;
  const right = demo.right === total && demo.healed === broken;
  const mark = demo.ok ? style.ok(style.symbol.ok) : cut && right ? style.warn(style.symbol.warn) : style.fail(style.symbol.fail);
  const lines = [
    '',
    `${mark} ${cut ? `interrupted after ${total} of ${demo.planned} servers: ` : ''}${style.bold(`${demo.right} of ${total} diagnoses right, ${demo.healed} of ${broken} healed`)} in ${demo.seconds} s`,
    hanging(
      '  ',
      `${demo.unnoticedByPlainClient} of the ${broken} broken servers ${demo.unnoticedByPlainClient === 1 ? 'was' : 'were'} accepted by the plain client without a word.`,
      view.width,
    ),
    '',
    `${style.dim('more')}  ${style.command('tlsmedic demo --world expired')}   ${style.dim('keeps one running, to play with')}`,
    `      ${style.command('tlsmedic diagnose HOST:PORT')}     ${style.dim('the same for a server of yours')}`,
  ];
  return lines.join('\n');
}

/** `demo --list`. */
export function renderWorlds(worlds: readonly WorldListing[], view: View): string {
  const { style } = view;
  const name = Math.max(...worlds.map((world) => world.name.length));
  const lines: string[] = [];
  let last = '';
  for (const world of worlds) {
    const group = world.expected.split('/')[0] ?? '';
    if (group !== last) lines.push(`${lines.length === 0 ? '' : '\n'}${style.bold(group)}`);
    last = group;
    lines.push(hanging(`  ${padEnd(world.name, name)}  `, world.title, view.width));
  }
  lines.push('', `${count(worlds.length, 'world')}; run one: ${style.command('tlsmedic demo --world NAME')}`);
  return lines.join('\n');
}

/** `demo --world NAME`: what it is and how to look at it. */
export function renderOpenWorld(world: OpenWorld, view: View): string {
  const { style } = view;
  const { ca, cert, key } = world.files;
  const folder = ca?.slice(0, ca.lastIndexOf('/')) ?? '.';
  const near = (path: string): string => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path);
  const port = world.endpoint.split(':').at(-1) ?? '';
  const name = world.servername ?? 'localhost';
  const pair = (flags: [string, string]): string =>
    cert === null || key === null ? '' : ` ${flags[0]} ${near(cert)} ${flags[1]} ${near(key)}`;
  const resolve = name === 'localhost' ? '' : ` --resolve ${name}:${port}:127.0.0.1`;
  const starttls = world.starttls === null ? '' : ` -starttls ${world.starttls}`;
  const limits = limitsOf(world.diagnoseArguments);
  // curl speaks to mail servers by their own schemes, and asks for TLS there when told to.
  const url = world.starttls === null ? `https://${name}:${port}` : `--ssl-reqd ${world.starttls}://${name}:${port}`;
  const command = (text: string): string => ` ${style.command(text)}`;
  return [
    `${style.bold(world.world)}  ${world.title}`,
    ` ${style.dim('listening')}  ${world.endpoint} ${style.dim(`(${world.tlsVersion.replace('TLSv', 'TLS ')})`)}`,
    ` ${style.dim('node says')}  ${escapeForTerminal(world.plainClient)}`,
    ` ${style.dim('it is')}      ${world.expected}`,
    '',
    command(`cd ${folder}`),
    command(`tlsmedic diagnose ${world.diagnoseArguments.map((argument) => quoted(near(argument))).join(' ')}`),
    command(`curl -v${ca === null ? '' : ` --cacert ${near(ca)}`}${pair(['--cert', '--key'])}${resolve}${limits.curl} ${url}`),
    command(
      `openssl s_client -connect ${world.endpoint} -servername ${name} -verify_hostname ${name}${ca === null ? '' : ` -CAfile ${near(ca)}`}${pair(['-cert', '-key'])}${starttls}${limits.openssl}`,
    ),
    '',
    ` ${style.dim('fix')}  ${world.fix}`,
    style.dim(` mended: tlsmedic demo --world ${world.world} --mended`),
    style.dim(' Ctrl-C ends it'),
  ].join('\n');
}

/** What `diagnose` is told to offer, in the words of curl and openssl: without it they would not meet the same failure. */
function limitsOf(args: readonly string[]): { curl: string; openssl: string } {
  const of = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const curl: string[] = [];
  const openssl: string[] = [];
  const [ciphers, least, most, alpn, groups, signatures] = [
    '--ciphers',
    '--min-version',
    '--max-version',
    '--alpn',
    '--groups',
    '--sigalgs',
  ].map(of);
  if (ciphers !== undefined) {
    curl.push(`--ciphers ${ciphers}`);
    openssl.push(`-cipher ${ciphers}`);
  }
  if (least !== undefined) {
    curl.push(`--tlsv${least}`);
    openssl.push(`-min_protocol TLSv${least}`);
  }
  if (most !== undefined) {
    curl.push(`--tls-max ${most}`);
    openssl.push(`-max_protocol TLSv${most}`);
  }
  if (alpn !== undefined) {
    if (!alpn.split(',').includes('h2')) curl.push('--http1.1');
    openssl.push(`-alpn ${alpn}`);
  }
  if (groups !== undefined) {
    curl.push(`--curves ${groups}`);
    openssl.push(`-groups ${groups}`);
  }
  if (signatures !== undefined) openssl.push(`-sigalgs ${signatures}`);
  const line = (words: string[]) => words.map((word) => ` ${word}`).join('');
  return { curl: line(curl), openssl: line(openssl) };
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A fix in one cell: the command without its remark. */
function withoutRemark(fix: string): string {
  return fix.split('   #')[0] ?? fix;
}
