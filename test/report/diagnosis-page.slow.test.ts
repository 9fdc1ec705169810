import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { worldNamed } from '../../src/lib/lab/registry.js';
import { runWorld } from '../../src/lib/operations/lab-run.js';
import { renderDiagnosisHtml } from '../../src/lib/report/diagnosis-html.js';

/** The page for the ticket in a real browser: it is laid out, nothing is blocked by its own policy, nothing is asked of the network. */
const run = promisify(execFile);
const browser = await run('sh', ['-c', 'command -v chromium || command -v google-chrome']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);
if (browser === undefined) console.warn('no chromium here: the page is not looked at in a browser');

async function open(url: string, ...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const profile = await mkdtemp(join(tmpdir(), 'tlsmedic-browser-'));
  try {
    return await run(
      browser as string,
      ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--v=0', `--user-data-dir=${profile}`, ...flags, url],
      { timeout: 60_000, maxBuffer: 1 << 26 },
    );
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

describe.skipIf(browser === undefined)('the report as a page', () => {
  it.each(['expired', 'client-cert-unknown-ca-go', 'healthy'])('%s', async (name) => {
    const world = worldNamed(name);
    if (world === undefined) throw new Error(`no world ${name}`);
    const { document } = await runWorld(world, 'TLSv1.3');
    const folder = await mkdtemp(join(tmpdir(), 'tlsmedic-page-'));
    try {
      const file = join(folder, 'report.html');
      await writeFile(file, renderDiagnosisHtml(document));
      const { stdout: dom, stderr } = await open(`file://${file}`, '--dump-dom');
      expect(stderr).not.toMatch(/Refused to|Content Security Policy/);
      expect(dom).toContain(document.causes[0]?.code ?? 'healthy');
      for (const heading of ['The handshake', 'The chain, as sent', 'Every handshake that was made'])
        expect(dom).toContain(`<h2>${heading}</h2>`);
      expect(dom.match(/<article/g)?.length).toBe(document.chain.length);
      const picture = join(folder, 'report.png');
      await open(`file://${file}`, `--screenshot=${picture}`, '--window-size=1000,1600');
      // An empty page of this size compresses to a few kilobytes.
      expect((await readFile(picture)).length).toBeGreaterThan(50_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
