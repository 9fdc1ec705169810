import type { Demo, DemoRow, OpenWorld, WorldListing } from '../lab/demo-document.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging, padEnd, truncate } from './layout.js';
import type { View } from './view.js';

/** Width of the longest verdict, mark included. */
const SAID = 41;
const WORLD = 26;
/** From here on a world and both answers fit into one line. */
const WIDE = 116;

/** What stands above the rows. */
export function renderDemoHeading(planned: number, view: View): string {
  const { style } = view;
  const title = style.bold(`${count(planned, 'server')} on loopback, all but one broken, each in its own way`);
  const columns =
    view.width >= WIDE
      ? [padEnd('server', WORLD), padEnd('tlsmedic says', SAID), 'a plain Node client says; the fix']
      : [padEnd('server; tlsmedic says', SAID), 'a plain Node client says; the fix'];
  return [title, '', style.dim(columns.join('  '))].join('\n');
}

/** One world: what it is, what both say, and the fix with what came of it. */
export function renderDemoRow(row: DemoRow, view: View): string {
  const { style } = view;
  const said = row.right
    ? style.ok(`${style.symbol.ok} ${row.said}`)
    : style.fail(truncate(`${style.symbol.fail} ${row.said}`, SAID, view));
  const room = view.width - SAID - 2;
  const lines =
    view.width >= WIDE
      ? [
          `${padEnd(truncate(row.world, WORLD, view), WORLD)}  ${padEnd(said, SAID)}  ${nodeSays(row, room - WORLD - 2, view)}`,
          ...healing(row, WORLD + 2 + SAID + 2, room - WORLD - 2, view),
        ]
      : [
          `${padEnd(truncate(row.world, SAID, view), SAID)}  ${nodeSays(row, room, view)}`,
          `${padEnd(said, SAID)}  ${healing(row, 0, room, view).join('')}`.trimEnd(),
        ];
  for (const fault of row.faults)
    lines.push(style.fail(hanging('  WRONG  ', `${escapeForTerminal(fault)}; it is ${row.expected}`, view.width)));
  return lines.join('\n');
}

/** Yellow where a plain client notices nothing. */
function nodeSays(row: DemoRow, room: number, view: View): string {
  const text = truncate(escapeForTerminal(row.plainClient), room, view);
  return row.healed !== null && row.plainClientContent ? view.style.warn(text) : text;
}

/** The fix, behind the mark of the second diagnosis: healthy or not. */
function healing(row: DemoRow, indent: number, room: number, view: View): string[] {
  const { style } = view;
  if (row.healed === null) return [];
  const mark = row.healed ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
  return [`${' '.repeat(indent)}${mark} ${style.dim(truncate(`fix: ${withoutRemark(row.fix)}`, room - 2, view))}`];
}

/** The last lines: how many were right, how many healed. */
export function renderDemoSummary(demo: Demo, view: View): string {
  const { style } = view;
  const total = demo.worlds.length;
  const broken = demo.worlds.filter((row) => row.healed !== null).length;
  const mark = demo.ok ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
  const lines = [
    '',
    `${mark} ${style.bold(`${demo.right} of ${total} diagnoses right, ${demo.healed} of ${broken} healed`)} in ${demo.seconds} s`,
    hanging(
      '  ',
      `${demo.unnoticedByPlainClient} of the ${broken} broken servers were accepted by the plain client without a word.`,
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
  const command = (text: string): string => ` ${style.command(text)}`;
  return [
    `${style.bold(world.world)}  ${world.title}`,
    ` ${style.dim('listening')}  ${world.endpoint} ${style.dim(`(${world.tlsVersion.replace('TLSv', 'TLS ')})`)}`,
    ` ${style.dim('node says')}  ${escapeForTerminal(world.plainClient)}`,
    ` ${style.dim('it is')}      ${world.expected}`,
    '',
    command(`cd ${folder}`),
    command(`tlsmedic diagnose ${world.diagnoseArguments.map((argument) => quoted(near(argument))).join(' ')}`),
    command(`curl -v${ca === null ? '' : ` --cacert ${near(ca)}`}${pair(['--cert', '--key'])}${resolve} https://${name}:${port}`),
    command(
      `openssl s_client -connect ${world.endpoint} -servername ${name}${ca === null ? '' : ` -CAfile ${near(ca)}`}${pair(['-cert', '-key'])}${starttls}`,
    ),
    '',
    ` ${style.dim('fix')}  ${world.fix}`,
    style.dim(` mended: tlsmedic demo --world ${world.world} --mended`),
    style.dim(' Ctrl-C ends it'),
  ].join('\n');
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A fix in one cell: the command without its remark. */
function withoutRemark(fix: string): string {
  return fix.split('   #')[0] ?? fix;
}
